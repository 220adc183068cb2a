import type { Schedule } from "@/lib/domain/gate/schedule";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** Whether a resource is another one or lies below it. */
export async function resourceContains(
  transaction: Transaction,
  outerId: string,
  innerId: string,
): Promise<boolean> {
  if (outerId === innerId) return true;
  const [row] = await transaction.$queryRaw<{ contains: boolean }[]>`
    SELECT ${outerId}::uuid = ANY (path_ids(path)) AS contains FROM resources WHERE id = ${innerId}::uuid`;
  return row?.contains ?? false;
}

/** Access that is about to exist, for each of these principals. */
export interface AccessToBe {
  readonly assignmentType: "Eligible" | "Active";
  readonly principalIds: readonly string[];
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  readonly schedule: Schedule;
  /** An eligibility or assignment that changes or ends with it: neither it nor what rests on it counts. */
  readonly replacedId?: string;
}

/**
 * One of the principals who has the same already for any moment of that time (docs/rules.md, section 6); null when none
 * has. What was removed before it began covers no moment.
 */
export async function findHolder(transaction: Transaction, access: AccessToBe): Promise<string | null> {
  const { principalIds, roleDefinitionId, resourceId, schedule, replacedId } = access;
  const active = access.assignmentType === "Active";
  if (schedule.endsAt !== null && schedule.endsAt <= schedule.startsAt) return null;
  const table = active ? Prisma.sql`assignments` : Prisma.sql`eligibilities`;
  const rests = active ? Prisma.sql`AND a.eligibility_id IS DISTINCT FROM ${replacedId}::uuid` : Prisma.empty;
  const besides = replacedId ? Prisma.sql`AND a.id <> ${replacedId}::uuid ${rests}` : Prisma.empty;
  const [held] = await transaction.$queryRaw<{ principalId: string }[]>`
    SELECT a.principal_id AS "principalId"
    FROM unnest(${[...principalIds]}::uuid[]) AS asked (id) JOIN ${table} a ON a.principal_id = asked.id
    WHERE a.role_definition_id = ${roleDefinitionId}::uuid AND a.resource_id = ${resourceId}::uuid
      AND tstzrange(a.starts_at, a.ends_at, '[)')
        && tstzrange(${schedule.startsAt}::timestamptz, ${schedule.endsAt}::timestamptz, '[)') ${besides}
    LIMIT 1`;
  return held?.principalId ?? null;
}
