import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { runOperation } from "@/lib/operations/gate/refusal";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { endReset, lockShownReset } from "@/lib/operations/people/factor-resets";
import { openPrincipal } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/**
 * Withdraws somebody's reset before it takes effect. It requires the authority for asking for one, so that nobody
 * with less keeps a stolen factor in force. It requires no step-up, since it gives nobody anything.
 */
export function withdrawFactorReset(
  database: Database,
  caller: Caller,
  input: { readonly principalId: string; readonly resetId: string; readonly justification: string | null },
): Promise<OperationResult<object>> {
  const { principalId, resetId, justification } = input;
  const details = { principalId, resetId };
  const attempt = { kind: "FactorResetWithdrawn" as const, caller, justification, details };
  return runOperation(database, attempt, async (transaction) => {
    const { principal, entry } = await openPrincipal(transaction, caller, attempt, principalId);
    const access = await privilegesUntilCommit(transaction, [principal.id]);
    await requireAuthorityOver(transaction, caller, access, entry);
    const reset = await lockShownReset(transaction, principal.id, resetId, entry);
    await endReset(transaction, reset, "Withdrawn");
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return {};
  });
}
