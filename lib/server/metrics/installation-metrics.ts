import type pg from "pg";
import { Gauge, Registry } from "prom-client";
import { askDatabase } from "@/lib/server/database/question";
import type { Measured } from "@/lib/server/metrics/readings";

const freshMilliseconds = 15_000;

/** What is read from the database: the name of each metric, its meaning and its one label. */
const metrics: Readonly<Record<string, readonly [help: string, label: string | null]>> = {
  postern_workers: ["Workers of the installation that were seen within a minute.", null],
  postern_job_last_success_timestamp_seconds: ["When a job last succeeded, in any worker.", "job"],
  postern_job_failures_in_row: ["How often a job failed since it last succeeded.", "job"],
  postern_job_interval_seconds: ["How often a job runs.", "job"],
  postern_queue_waiting: ["What is due and not delivered yet; counted up to 10000.", "queue"],
  postern_queue_oldest_seconds: ["For how long the oldest of what is due has been due.", "queue"],
  postern_queue_dead: ["What was given up; counted up to 10000.", "queue"],
  postern_factors_locked: ["Authenticator apps that are locked now; counted up to 10000.", null],
  postern_sessions_open: ["Sessions that have not ended; counted up to 10000.", null],
  postern_requests_waiting: ["Requests that wait for approval; counted up to 10000.", null],
  postern_requests_oldest_waiting_seconds: ["For how long the oldest of them has waited.", null],
};

const statement = `
WITH due AS (
  SELECT 'notifications' AS queue, since FROM (SELECT next_attempt_at AS since FROM notification_outbox
    WHERE dead_at IS NULL AND next_attempt_at <= postern_now() ORDER BY next_attempt_at LIMIT 10000) o
  UNION ALL
  SELECT 'mail', since FROM (SELECT next_attempt_at AS since FROM mail_messages WHERE sent_at IS NULL
    AND dead_at IS NULL AND next_attempt_at <= postern_now() ORDER BY next_attempt_at LIMIT 10000) m
), queues AS (
  SELECT queue, count(since) AS waiting, coalesce(extract(epoch FROM postern_now() - min(since)), 0) AS seconds
  FROM (VALUES ('notifications'), ('mail')) AS every (queue) LEFT JOIN due USING (queue) GROUP BY queue
), requests_waiting AS (
  SELECT count(*) AS waiting, coalesce(extract(epoch FROM postern_now() - min(created_at)), 0) AS seconds
  FROM (SELECT created_at FROM requests WHERE status = 'PendingApproval'
    AND status IN ('PendingApproval', 'PendingProvisioning') ORDER BY id LIMIT 10000) w
)
SELECT metric, label, value::float8 FROM (
  SELECT 'postern_workers' AS metric, NULL AS label, count(*)::numeric AS value FROM worker_instances
    WHERE stopped_at IS NULL AND seen_at > postern_now() - interval '1 minute'
  UNION ALL SELECT 'postern_job_last_success_timestamp_seconds', name, extract(epoch FROM last_succeeded_at)
    FROM worker_jobs WHERE last_succeeded_at IS NOT NULL
  UNION ALL SELECT 'postern_job_failures_in_row', name, failures_in_row FROM worker_jobs
  UNION ALL SELECT 'postern_job_interval_seconds', name, every_minutes * 60 FROM worker_jobs
  UNION ALL SELECT 'postern_queue_waiting', queue, waiting FROM queues
  UNION ALL SELECT 'postern_queue_oldest_seconds', queue, seconds FROM queues
  UNION ALL SELECT 'postern_queue_dead', 'notifications', count(*) FROM
    (SELECT FROM notification_outbox WHERE dead_at IS NOT NULL LIMIT 10000) d
  UNION ALL SELECT 'postern_queue_dead', 'mail', count(*) FROM
    (SELECT FROM mail_messages WHERE dead_at IS NOT NULL LIMIT 10000) d
  UNION ALL SELECT 'postern_factors_locked', NULL, count(*) FROM
    (SELECT FROM totp_factors WHERE removed_at IS NULL AND locked_until > postern_now() LIMIT 10000) f
  UNION ALL SELECT 'postern_sessions_open', NULL, count(*) FROM
    (SELECT FROM sessions WHERE ended_at IS NULL AND expires_at > postern_now() LIMIT 10000) s
  UNION ALL SELECT 'postern_requests_waiting', NULL, waiting FROM requests_waiting
  UNION ALL SELECT 'postern_requests_oldest_waiting_seconds', NULL, seconds FROM requests_waiting
) AS every`;

interface Row {
  readonly metric: string;
  readonly label: string | null;
  readonly value: number;
}

/**
 * Reads the figures of the whole installation from the database, in one statement at most every fifteen
 * seconds, on a connection of its own. If the database does not answer, the metrics say only that.
 */
export function openInstallationMetrics(url: string, patienceMilliseconds = 2_000) {
  const question = askDatabase({
    url,
    work: async (client: pg.Client) => (await client.query<Row>(statement)).rows,
    freshMilliseconds,
    patienceMilliseconds,
  });
  return {
    async read(): Promise<Measured[]> {
      const { state, value: rows = [], milliseconds } = await question.ask();
      const register = new Registry();
      const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
        new Gauge({ name, help, labelNames, registers: [register] });
      gauge("postern_database_up", "Whether the database answers.").set(state === "answers" ? 1 : 0);
      gauge("postern_database_answer_seconds", "How long these figures took the database.").set(
        milliseconds / 1_000,
      );
      for (const [name, [help, label]] of Object.entries(metrics)) {
        const own = rows.filter(({ metric }) => metric === name);
        if (own.length === 0) continue;
        const each = gauge(name, help, label === null ? [] : [label]);
        for (const row of own) each.set(label === null ? {} : { [label]: row.label ?? "" }, row.value);
      }
      return register.getMetricsAsJSON();
    },
    close: () => question.close(),
  };
}
