import type { EndedByRetiring } from "@/lib/authority/retire-facts";
import { statusAfter } from "@/lib/domain/requests/request-state";
import { type EventSubject, eventSubjectOf } from "@/lib/operations/gate/event-subject";
import { recordEndedActivations } from "@/lib/operations/gate/record-ended-activations";
import { revokeRetired } from "@/lib/operations/requests/revoke-orphaned-requests";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** A retirement that begins, as the rows written for it name it. */
export interface NewRetirement {
  readonly id: string;
  readonly number: number;
}

interface Retiring {
  readonly caller: Caller;
  readonly justification: string;
  readonly retirement: NewRetirement;
  /** The eligibilities that end, locked. */
  readonly eligible: readonly string[];
  readonly now: Date;
}

/** Ends everything that was shown: eligibilities, assignments, activations, then requests, each locked by id. */
export async function endAllAccess(
  transaction: Transaction,
  retiring: Retiring,
  ended: readonly EndedByRetiring[],
): Promise<void> {
  const idsOf = (...kinds: readonly EndedByRetiring["kind"][]) =>
    ended.filter(({ kind }) => kinds.includes(kind)).map(({ id }) => id);
  const { now, eligible } = retiring;
  // What somebody ended meanwhile, which waits for nobody, stays as it is.
  const held = await lockRunning(transaction, Prisma.sql`assignments`, idsOf("Active", "Activation"), now);
  const kept = (ids: readonly string[]) => ids.filter((id) => held.includes(id));
  const [active, activations] = [kept(idsOf("Active")), kept(idsOf("Activation"))];
  await remember(transaction, retiring, eligible, active);
  await transaction.$executeRaw`
    UPDATE eligibilities SET ends_at = greatest(starts_at, ${now}), removed_at = ${now}
    WHERE id = ANY (${eligible}::uuid[])`;
  await transaction.$executeRaw`
    UPDATE assignments SET ends_at = greatest(starts_at, ${now}), removed_at = ${now} WHERE id = ANY (${held}::uuid[])`;
  await revokeRetired(transaction, retiring.caller, idsOf("Request"), retiring.retirement.id);
  await transaction.$executeRaw`
    UPDATE requests SET status = ${statusAfter("ScheduleCreated", "Cancel")}::request_status, completed_at = ${now}
    WHERE status = 'ScheduleCreated' AND starts_at > ${now}
      AND (coalesce(resulting_eligibility_id, eligibility_id) = ANY (${eligible}::uuid[])
        OR coalesce(resulting_assignment_id, assignment_id) = ANY (${held}::uuid[]))`;
  await recordEndedActivations(transaction, retiring.caller, activations);
  await recordRemovals(transaction, retiring, "Active", active);
  await recordRemovals(transaction, retiring, "Eligible", eligible);
}

/** Locks the eligibilities that end. In the order of locks they come before the proof. */
export function lockEligibilities(
  transaction: Transaction,
  ended: readonly EndedByRetiring[],
  now: Date,
): Promise<string[]> {
  const ids = ended.flatMap(({ kind, id }) => (kind === "Eligible" ? [id] : []));
  return lockRunning(transaction, Prisma.sql`eligibilities`, ids, now);
}

/** Locks those that still run, in the order of their ids. */
async function lockRunning(
  transaction: Transaction,
  table: Prisma.Sql,
  ids: readonly string[],
  now: Date,
): Promise<string[]> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT x.id FROM ${table} x WHERE x.id = ANY (${[...ids]}::uuid[])
      AND (x.ends_at IS NULL OR (x.ends_at > ${now} AND x.ends_at > x.starts_at))
    ORDER BY x.id FOR UPDATE`;
  return rows.map(({ id }) => id);
}

/** Stores what may be given again, with the end that it had. */
async function remember(
  transaction: Transaction,
  { retirement }: Retiring,
  eligible: readonly string[],
  active: readonly string[],
): Promise<void> {
  await transaction.$executeRaw`
    INSERT INTO retired_access (retirement_id, eligibility_id, assignment_id, planned_end)
    SELECT ${retirement.id}::uuid, e.id, NULL, e.ends_at FROM eligibilities e WHERE e.id = ANY (${[...eligible]}::uuid[])
    UNION ALL
    SELECT ${retirement.id}::uuid, NULL, a.id, a.ends_at FROM assignments a WHERE a.id = ANY (${[...active]}::uuid[])`;
}

interface Removed extends EventSubject {
  readonly id: string;
  readonly startsAt: Date;
  readonly plannedEnd: Date | null;
  readonly requestId: string;
}

/** Each removal is a request of the person who retires the resource, and an event. */
async function recordRemovals(
  transaction: Transaction,
  { caller, justification, retirement, now }: Retiring,
  type: "Eligible" | "Active",
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const active = type === "Active";
  const status = statusAfter("New", "Accept", "Withdraw");
  const rows = await transaction.$queryRaw<Removed[]>`
    WITH x AS MATERIALIZED (
      SELECT k.eligibility_id, k.assignment_id, k.planned_end, coalesce(e.id, a.id) AS id,
        coalesce(e.principal_id, a.principal_id) AS principal_id, coalesce(e.starts_at, a.starts_at) AS starts_at,
        coalesce(e.role_definition_id, a.role_definition_id) AS role_definition_id,
        coalesce(e.resource_id, a.resource_id) AS resource_id
      FROM retired_access k LEFT JOIN eligibilities e ON e.id = k.eligibility_id
      LEFT JOIN assignments a ON a.id = k.assignment_id
      WHERE k.retirement_id = ${retirement.id}::uuid AND coalesce(e.id, a.id) = ANY (${[...ids]}::uuid[])),
    made AS (
      INSERT INTO requests (request_type, status, requestor_id, principal_id, role_definition_id, resource_id,
        eligibility_id, assignment_id, justification, completed_at)
      SELECT 'AdminRemove', ${status}::request_status, ${caller.userId}::uuid, x.principal_id, x.role_definition_id,
        x.resource_id, x.eligibility_id, x.assignment_id, ${justification}, ${now}
      FROM x ORDER BY x.id RETURNING id, eligibility_id, assignment_id)
    SELECT x.id, x.starts_at AS "startsAt", x.planned_end AS "plannedEnd", made.id AS "requestId", ${eventSubjectOf("x")}
    FROM x JOIN made ON coalesce(made.eligibility_id, made.assignment_id) = x.id ORDER BY x.id`;
  await recordAuditEvents(
    transaction,
    rows.map(({ id, startsAt, plannedEnd, requestId, ...about }) => ({
      ...about,
      kind: active ? ("ActiveAssignmentRemoved" as const) : ("EligibleAssignmentRemoved" as const),
      outcome: "Success" as const,
      caller,
      justification,
      requestId,
      ...(active ? { assignmentId: id } : { eligibilityId: id }),
      details: {
        retirementId: retirement.id,
        startsAt: new Date(startsAt).toISOString(),
        plannedEnd: plannedEnd === null ? null : new Date(plannedEnd).toISOString(),
      },
    })),
  );
}
