import { batch, sweep } from "@/lib/operations/gate/sweep";
import { exceptionFacts, storedExceptions } from "@/lib/operations/roles/conflict-exceptions";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * Records the exceptions that reached their end, each with an event. They allow nothing from that
 * moment, whether or not this has run (docs/rules.md, rule 5). Returns how many there were.
 */
export function expireConflictExceptions(database: Database): Promise<number> {
  return sweep(database, async (transaction) => {
    const due = await storedExceptions(
      transaction,
      Prisma.sql`x.state IN ('Waiting', 'Approved') AND x.ends_at <= postern_now()`,
      Prisma.sql`LIMIT ${batch} FOR UPDATE OF x SKIP LOCKED`,
    );
    if (due.length === 0) return 0;
    await transaction.$executeRaw`
      UPDATE conflict_exceptions SET state = 'Expired', ended_at = ends_at
      WHERE id = ANY (${due.map(({ id }) => id)}::uuid[])`;
    await recordAuditEvents(
      transaction,
      due.map((exception) => {
        const { details, ...facts } = exceptionFacts(exception);
        return {
          kind: "ConflictExceptionExpired" as const,
          outcome: "Success" as const,
          ...facts,
          details: {
            ...details,
            endedAt: exception.endsAt.toISOString(),
            wasApproved: exception.state === "Approved",
          },
        };
      }),
    );
    return due.length;
  });
}
