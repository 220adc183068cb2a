import { may, rootResource } from "@/lib/authority/authority";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { readOnce } from "@/lib/platform/transaction";

const listed = 50;

export interface WorkerHealth {
  readonly state: "running" | "late" | "absent";
  /** How long ago a worker was last seen; null if never. */
  readonly seenSeconds: number | null;
  readonly lateJobs: number;
  readonly failingJobs: number;
  readonly waiting: number;
  readonly waitingSeconds: number;
  readonly deadLetters: number;
}

export interface DeadLetter {
  readonly id: string;
  readonly channel: "Notification" | "Mail";
  /** Its subject and its recipient. */
  readonly subject: string;
  readonly recipient: string;
  readonly attempts: number;
  readonly error: string | null;
  readonly deadAt: Date;
}

/** Whether the caller may see and manage the worker: administrators of the root. */
async function mayTendWorker(transaction: Transaction, userId: string): Promise<boolean> {
  const root = await rootResource(transaction);
  return may(transaction, userId, action.writeRoleSettings, root.id);
}

/**
 * The state of the worker, its jobs and processes, and a page of what could not be delivered, newest
 * first. Null if the caller may not know. `after` is the id of the last delivery of the previous page.
 */
export function workerState(database: Database, caller: Caller, after: string | null = null) {
  return readOnce(database, async (transaction) => {
    if (!(await mayTendWorker(transaction, caller.userId))) return null;
    const [health] = await transaction.$queryRaw<WorkerHealth[]>`
      SELECT state, seen_seconds AS "seenSeconds", late_jobs AS "lateJobs", failing_jobs AS "failingJobs", waiting,
        waiting_seconds AS "waitingSeconds", dead_letters AS "deadLetters" FROM worker_health()`;
    if (!health) throw new Error("the worker's health could not be read");
    const jobs = await transaction.workerJob.findMany({ orderBy: { title: "asc" }, take: listed });
    const workers = await transaction.workerInstance.findMany({ orderBy: { seenAt: "desc" }, take: 10 });
    const dead = await transaction.$queryRaw<DeadLetter[]>`
      WITH failed AS (
        SELECT o.event_id AS id, 'Notification' AS channel, e.kind AS subject, '–' AS recipient, o.attempts,
          o.last_error AS error, o.dead_at AS "deadAt"
        FROM notification_outbox o JOIN audit_events e ON e.id = o.event_id WHERE o.dead_at IS NOT NULL
        UNION ALL
        SELECT id, 'Mail', content ->> 'title', address, attempts, last_error, dead_at
        FROM mail_messages WHERE dead_at IS NOT NULL
      )
      SELECT * FROM failed
      WHERE ${after}::uuid IS NULL OR NOT EXISTS (SELECT FROM failed WHERE id = ${after}::uuid)
        OR ("deadAt", id) < (SELECT "deadAt", id FROM failed WHERE id = ${after}::uuid)
      ORDER BY "deadAt" DESC, id DESC LIMIT ${listed}`;
    const [failed] = await transaction.$queryRaw<{ count: number }[]>`
      SELECT (SELECT count(*) FROM notification_outbox WHERE dead_at IS NULL AND last_error IS NOT NULL)::int
        + (SELECT count(*) FROM mail_messages
            WHERE sent_at IS NULL AND dead_at IS NULL AND last_error IS NOT NULL)::int AS count`;
    const next = dead.length === listed ? (dead.at(-1)?.id ?? null) : null;
    return { health, jobs, workers, dead, next, retrying: failed?.count ?? 0 };
  });
}
