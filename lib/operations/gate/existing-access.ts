import type { Schedule } from "@/lib/domain/time/schedule";
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
export interface PlannedAccess {
  readonly assignmentType: "Eligible" | "Active";
  readonly principalIds: readonly string[];
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  readonly schedule: Schedule;
  /** The eligibility or assignment that this changes or replaces. It does not count as existing, nor do its activations. */
  readonly replacedId?: string;
}

/**
 * When the next access of the same member to the same role and resource begins after this one ends;
 * null if there is none.
 */
export async function nextStart(
  transaction: Transaction,
  access: Pick<PlannedAccess, "roleDefinitionId" | "resourceId"> & {
    readonly principalId: string;
    readonly endsAt: Date | null;
  },
): Promise<Date | null> {
  const [next] = await transaction.$queryRaw<{ startsAt: Date }[]>`
    SELECT a.starts_at AS "startsAt" FROM assignments a
    WHERE a.principal_id = ${access.principalId}::uuid AND a.role_definition_id = ${access.roleDefinitionId}::uuid
      AND a.resource_id = ${access.resourceId}::uuid AND a.starts_at >= ${access.endsAt}::timestamptz
      AND a.ends_at IS DISTINCT FROM a.starts_at
    ORDER BY a.starts_at LIMIT 1`;
  return next?.startsAt ?? null;
}

/**
 * One of the principals who already has the same access at some moment of that time; null if none has
 * (docs/rules.md, rule 6). Access that was removed before its start does not count.
 */
export async function findExistingHolder(
  transaction: Transaction,
  access: PlannedAccess,
): Promise<string | null> {
  const { principalIds, roleDefinitionId, resourceId, schedule, replacedId } = access;
  const active = access.assignmentType === "Active";
  if (schedule.endsAt !== null && schedule.endsAt <= schedule.startsAt) return null;
  const table = active ? Prisma.sql`assignments` : Prisma.sql`eligibilities`;
  const rests = active ? Prisma.sql`AND a.eligibility_id IS DISTINCT FROM ${replacedId}::uuid` : Prisma.empty;
  const besides = replacedId ? Prisma.sql`AND a.id <> ${replacedId}::uuid ${rests}` : Prisma.empty;
  // OFFSET 0 keeps the lookup by person, who has little access. A role at a resource may have been activated very often.
  const [held] = await transaction.$queryRaw<{ principalId: string }[]>`
    SELECT a.principal_id AS "principalId"
    FROM unnest(${[...principalIds]}::uuid[]) AS asked (id)
    CROSS JOIN LATERAL (SELECT * FROM ${table} held WHERE held.principal_id = asked.id OFFSET 0) a
    WHERE a.role_definition_id = ${roleDefinitionId}::uuid AND a.resource_id = ${resourceId}::uuid
      AND tstzrange(a.starts_at, a.ends_at, '[)')
        && tstzrange(${schedule.startsAt}::timestamptz, ${schedule.endsAt}::timestamptz, '[)') ${besides}
    LIMIT 1`;
  return held?.principalId ?? null;
}
