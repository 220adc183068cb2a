import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import { inTransaction } from "@/lib/platform/transaction";
import { ownLogins } from "@/lib/server/database/database-logins";
import { openHealth } from "@/lib/server/http/health";
import { openInstallationMetrics } from "@/lib/server/metrics/installation-metrics";
import { openMeter } from "@/lib/server/metrics/process-meter";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";

let test: TestDatabase;
const closing: (() => Promise<void>)[] = [];
beforeEach(async () => {
  test = await createTestDatabase();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  delete (globalThis as { posternMeter?: unknown }).posternMeter;
  await test.drop();
});

/** The login of the serving processes, without additional rights. */
async function servingUrl(): Promise<string> {
  const owner = new pg.Client({ connectionString: test.url });
  await owner.connect();
  const { serving, reason } = await ownLogins(owner, test.url).finally(() => owner.end());
  if (serving === null || serving === undefined) throw new Error(reason ?? "no login");
  return serving;
}

/** The values of the metrics by name and label. */
async function figures(url: string, patienceMilliseconds?: number): Promise<Record<string, number>> {
  const opened = openInstallationMetrics(url, patienceMilliseconds);
  const metrics = await opened.read();
  await opened.close();
  return Object.fromEntries(
    metrics.flatMap(({ name, values }) =>
      values.map(({ value, labels }) => [[name, ...Object.values(labels)].join(" "), value] as const),
    ),
  );
}

it("the figures of the installation are read as the serving processes' login, and are right", async () => {
  await test.asOwner(`
    WITH person AS (
      INSERT INTO principals (type, display_name, email) VALUES ('User', 'Ada', 'ada@contoso.example') RETURNING id
    ), session AS (
      INSERT INTO sessions (user_id, secret_hash, expires_at, ended_at, ip_address, user_agent)
      SELECT id, decode(md5(n::text), 'hex'), postern_now() + make_interval(hours => n), NULL, '203.0.113.9', 'x'
      FROM person, generate_series(-1, 2) n
    ), factor AS (
      INSERT INTO totp_factors (user_id, key_id, nonce, ciphertext, confirmed_at, locked_until)
      SELECT id, 'k1', decode(repeat('00', 12), 'hex'), decode(repeat('00', 48), 'hex'), now(),
        postern_now() + interval '5 minutes' FROM person)
    INSERT INTO mail_messages (recipient_id, address, subject_key, category, content, next_attempt_at, dead_at)
    SELECT id, 'ada@contoso.example', n::text, 'x', '{}', postern_now() - make_interval(mins => n),
      CASE WHEN n = 1 THEN postern_now() END
    FROM person, generate_series(1, 3) n`);
  await test.asOwner(
    "INSERT INTO worker_jobs (name, title, every_minutes, last_succeeded_at, failures_in_row) VALUES ('send-mail', 'Mail', 1, to_timestamp(1700000000), 2)",
  );
  await test.asOwner("INSERT INTO worker_instances (host) VALUES ('here')");
  const read = await figures(await servingUrl());
  expect(read).toMatchObject({
    postern_database_up: 1,
    postern_workers: 1,
    "postern_job_last_success_timestamp_seconds send-mail": 1_700_000_000,
    "postern_job_failures_in_row send-mail": 2,
    "postern_job_interval_seconds send-mail": 60,
    "postern_queue_waiting mail": 2,
    "postern_queue_dead mail": 1,
    "postern_queue_waiting notifications": 0,
    "postern_queue_oldest_seconds notifications": 0,
    "postern_queue_dead notifications": 0,
    postern_factors_locked: 1,
    postern_sessions_open: 2,
    postern_requests_waiting: 0,
    postern_requests_oldest_waiting_seconds: 0,
  });
  expect(read["postern_queue_oldest_seconds mail"]).toBeGreaterThan(175);
  expect(read["postern_queue_oldest_seconds mail"]).toBeLessThan(240);
  expect(JSON.stringify(read)).not.toMatch(/contoso|203\.0|here/);
});

it("of a database that cannot be reached or does not answer the metrics say that, and nothing else", async () => {
  const away = new URL(test.url);
  away.port = "1";
  const silent = { postern_database_up: 0, postern_database_answer_seconds: expect.any(Number) };
  expect(await figures(away.href)).toEqual(silent);
  const locked = new pg.Client({ connectionString: test.url });
  await locked.connect();
  closing.push(() => locked.end());
  await locked.query("BEGIN; LOCK worker_jobs IN ACCESS EXCLUSIVE MODE");
  expect(await figures(test.url, 300)).toEqual(silent);
});

it("an event counts once its transaction is committed, and a repeated transaction is counted as such", async () => {
  const read = openMeter("server", test.database.pools);
  const valuesOf = async (name: string) =>
    (await read()).find((metric) => metric.name === name)?.values.map(({ value, labels }) => [value, labels]);
  let tries = 0;
  const write = (fail: (tries: number) => Error | null) => {
    tries = 0;
    return inTransaction(test.database, async (transaction) => {
      tries += 1;
      await recordAuditEvent(transaction, { kind: "SignIn", outcome: "Failure" });
      const fault = fail(tries);
      if (fault) throw fault;
    });
  };
  await write((count) => (count === 1 ? Object.assign(new Error("deadlock"), { code: "40P01" }) : null));
  await expect(write(() => new Error("no"))).rejects.toThrow("no");
  expect(await valuesOf("postern_audit_events_total")).toEqual([[1, { kind: "SignIn", outcome: "Failure" }]]);
  expect(await valuesOf("postern_transaction_retries_total")).toEqual([[1, { reason: "40P01" }]]);
});

it("the pools are read as they are", async () => {
  const read = openMeter("server", test.database.pools);
  const states = async () => {
    const values = (await read()).find(({ name }) => name === "postern_database_pool_busy")?.values;
    return values?.find(({ labels }) => labels.pool === "transactions")?.value;
  };
  expect(await states()).toBe(0);
  const lag = (await openMeter("server-2", test.database.pools)()).find(({ name }) =>
    /eventloop_lag_seconds$/.test(name),
  );
  expect(lag?.values).toMatchObject([{ value: expect.any(Number), labels: { process: "server-2" } }]);
  await inTransaction(test.database, async (transaction) => {
    await transaction.$queryRaw`SELECT 1 AS one`;
    expect(await states()).toBe(1);
  });
  expect(await states()).toBe(0);
});

it("a process is ready with its database, its keys and its migrations, and says what it lacks", async () => {
  const open = async (url: string) => {
    const health = openHealth({ url, keys: [], patienceMilliseconds: 500 });
    closing.push(() => health.close());
    return health.readiness();
  };
  const url = await servingUrl();
  expect(await open(url)).toBe("ready");
  await test.asOwner(
    "UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = '20261129235500_read_migrations'",
  );
  expect(await open(url)).toBe("migrations missing");
  await test.asOwner(`WITH person AS (
      INSERT INTO principals (type, display_name, email) VALUES ('User', 'Ada', 'ada@contoso.example') RETURNING id)
    INSERT INTO totp_factors (user_id, key_id, nonce, ciphertext, confirmed_at)
    SELECT id, 'k2', decode(repeat('00', 12), 'hex'), decode(repeat('00', 48), 'hex'), now() FROM person`);
  expect(await open(url)).toBe("encryption keys missing");
  const away = new URL(test.url);
  away.port = "1";
  expect(await open(away.href)).toBe("database unavailable");
});
