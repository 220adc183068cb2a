import { overlap, type Schedule } from "@/lib/domain/gate/schedule";
import type { Transaction } from "@/lib/platform/database";

/** Whether a resource is another one or lies below it. */
export async function contains(transaction: Transaction, outerId: string, innerId: string): Promise<boolean> {
  if (outerId === innerId) return true;
  const [row] = await transaction.$queryRaw<{ contains: boolean }[]>`
    SELECT ${outerId}::uuid = ANY (path_ids(path)) AS contains FROM resources WHERE id = ${innerId}::uuid`;
  return row?.contains ?? false;
}

/** Whether a principal has the role at the resource for any moment of a schedule. */
export async function overlapping(
  transaction: Transaction,
  principalId: string,
  roleDefinitionId: string,
  resourceId: string,
  schedule: Schedule,
): Promise<boolean> {
  const held = await transaction.$queryRaw<Schedule[]>`
    SELECT starts_at AS "startsAt", ends_at AS "endsAt" FROM assignments
    WHERE principal_id = ${principalId}::uuid AND role_definition_id = ${roleDefinitionId}::uuid
      AND resource_id = ${resourceId}::uuid AND (ends_at IS NULL OR ends_at > ${schedule.startsAt}::timestamptz)
    LIMIT 100`;
  return held.some((other) => overlap(other, schedule));
}
