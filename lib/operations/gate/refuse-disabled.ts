import { enabledUntilCommit } from "@/lib/authority/rights-until-commit";
import { Refusal } from "@/lib/operations/gate/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";

/** Refuses to extend or renew access of somebody who is disabled. */
export async function refuseDisabled(
  transaction: Transaction,
  principalId: string,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  if (!(await enabledUntilCommit(transaction, [principalId])))
    throw new Refusal({ code: "NotFound", message: "This member is disabled." }, entry);
}
