import { type EventSubject, eventSubjectOf } from "@/lib/operations/gate/event-subject";
import { batch, sweep } from "@/lib/operations/gate/sweep";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

interface EndedAccess extends EventSubject {
  readonly id: string;
  readonly assignmentType: "Assigned" | "Activated" | null;
  readonly eligibilityId: string | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/**
 * Writes one event for each eligibility and assignment that ended by time since the last run, however long ago. The
 * access itself ended at its end time (docs/rules.md, rule 5). The event has that time in `endedAt`, but its place in
 * the log is when it was written, so that nothing is inserted into the log's past. Removals and deactivations have
 * events of their own. Returns how many events were written.
 */
export async function recordExpiries(database: Database): Promise<number> {
  return (
    (await sweep(database, (transaction) => recordBatch(transaction, "assignments"))) +
    (await sweep(database, (transaction) => recordBatch(transaction, "eligibilities")))
  );
}

async function recordBatch(
  transaction: Transaction,
  table: "assignments" | "eligibilities",
): Promise<number> {
  const name = Prisma.raw(table);
  const own =
    table === "assignments"
      ? Prisma.sql`x.assignment_type::text AS "assignmentType", x.eligibility_id AS "eligibilityId"`
      : Prisma.sql`NULL AS "assignmentType", x.id AS "eligibilityId"`;
  // Rows that a verb has locked are left for the next run, since they may be about to get another end.
  const ended = await transaction.$queryRaw<EndedAccess[]>`
    SELECT x.id, ${own}, x.starts_at AS "startsAt", x.ends_at AS "endsAt",
      ${eventSubjectOf("x")}
    FROM ${name} x
    WHERE x.ends_at <= postern_now() AND x.ends_at > x.starts_at
      AND (x.removed_at IS NULL OR x.removed_at < x.ends_at) AND x.expiry_recorded_for IS DISTINCT FROM x.ends_at
    ORDER BY x.ends_at, x.id LIMIT ${batch} FOR UPDATE OF x SKIP LOCKED`;
  if (ended.length === 0) return 0;
  await transaction.$executeRaw`
    UPDATE ${name} SET expiry_recorded_for = ends_at WHERE id = ANY (${ended.map((each) => each.id)}::uuid[])`;
  await recordAuditEvents(
    transaction,
    ended.map((each) => ({
      kind: kindOf(each.assignmentType),
      outcome: "Success",
      target: each.target,
      role: each.role,
      resource: each.resource,
      eligibilityId: each.eligibilityId,
      assignmentId: each.assignmentType === null ? null : each.id,
      details: { startsAt: each.startsAt.toISOString(), endedAt: each.endsAt.toISOString() },
    })),
  );
  return ended.length;
}

function kindOf(assignmentType: EndedAccess["assignmentType"]) {
  switch (assignmentType) {
    case "Activated":
      return "ActivationExpired" as const;
    case "Assigned":
      return "ActiveAssignmentExpired" as const;
    case null:
      return "EligibleAssignmentExpired" as const;
  }
}
