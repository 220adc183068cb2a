import { Refusal } from "@/lib/operations/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";

/** Refuses to give more time to somebody who is disabled. */
export async function refuseDisabled(
  transaction: Transaction,
  principalId: string,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const able = await transaction.principal.count({ where: { id: principalId, disabledAt: null } });
  if (able === 0) throw new Refusal({ code: "NotFound", message: "This member is disabled." }, entry);
}

/** Whether a principal is the user, or a group that they are in, however deep. */
export async function reaches(
  transaction: Transaction,
  userId: string,
  principalId: string,
): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ reaches: boolean }[]>`
    SELECT ${principalId}::uuid IN (SELECT principal_and_groups(${userId}::uuid)) AS reaches`;
  return row?.reaches ?? false;
}
