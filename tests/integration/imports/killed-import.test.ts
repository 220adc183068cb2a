import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { holdLog } from "../../support/database/held-lock";
import { azureUser, makeImports } from "../../support/imports";
import { spawnWorker, type WorkerProcess } from "../../support/processes/worker-process";

let at: Awaited<ReturnType<typeof makeImports>>;
const workers: WorkerProcess[] = [];
beforeAll(async () => {
  at = await makeImports();
});
afterAll(async () => {
  for (const worker of workers) await worker.stop();
  await at.test.drop();
});

async function work(): Promise<WorkerProcess> {
  const worker = await spawnWorker(at.test.url);
  workers.push(worker);
  return worker;
}

const waiting = { timeout: 30_000, interval: 50 };
const lastRun =
  "SELECT last_succeeded_at AS at, last_count AS count FROM worker_jobs WHERE name = 'apply-imports' AND last_succeeded_at IS NOT NULL";

/** The backends that are in a transaction and wait for a lock of the log that somebody else holds. */
async function held(): Promise<number[]> {
  const { rows } = await at.test.asOwner(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
       AND xact_start IS NOT NULL AND query LIKE '%INSERT INTO audit_events%'`,
  );
  return rows.map(({ pid }) => pid);
}

it("loses and doubles nothing when the worker is killed in the middle of a batch", async () => {
  const { client } = at.database;
  await client.principal.create({
    data: {
      ...{ type: "User", displayName: "Old name" },
      ...{ email: azureUser(0).userPrincipalName, externalId: azureUser(0).id },
    },
  });
  const rows = Array.from({ length: 1_200 }, (_, index) => azureUser(index));
  const importId = await at.stage("Users", rows);
  expect(await at.confirm(importId)).toMatchObject({ ok: true });

  // The first batch adds 499 people and changes one, then writes to the log, which somebody else has locked. It
  // waits there with its work half done.
  const log = await holdLog(at.test);
  const killed = await work();
  const [backend] = await vi.waitFor(async () => {
    const found = await held();
    expect(found).toHaveLength(1);
    return found;
  }, waiting);
  await killed.kill();
  await log.release();
  await vi.waitFor(async () => {
    const { rows: left } = await at.test.asOwner("SELECT FROM pg_stat_activity WHERE pid = $1", [backend]);
    expect(left).toHaveLength(0);
  }, waiting);
  const done = { importId, state: "Applied" as const };
  expect(await client.importRow.count({ where: done })).toBe(0);
  expect(await client.principal.count({ where: { displayName: { startsWith: "Person " } } })).toBe(0);
  expect(await at.viewed(importId)).toMatchObject({ status: "Applying", left: 1_200 });

  // A new worker stops at the same place. Another one beside it finds nothing left to do.
  const { rows: finished } = await at.test.asOwner(lastRun);
  const again = await holdLog(at.test);
  await work();
  await vi.waitFor(async () => expect(await held()).toHaveLength(1), waiting);
  await work();
  await vi.waitFor(async () => {
    const { rows: last } = await at.test.asOwner(lastRun);
    expect(last).toMatchObject([{ count: 0 }]);
    expect(last).not.toEqual(finished);
  }, waiting);
  await again.release();
  await vi.waitFor(
    async () => expect(await at.viewed(importId)).toMatchObject({ status: "Applied", left: 0 }),
    waiting,
  );
  expect(await client.importRow.count({ where: done })).toBe(1_200);
  expect(await client.principal.count({ where: { externalId: { startsWith: "object-" } } })).toBe(1_200);
  const loggedOf = async (kind: string) => {
    const events = await client.auditEvent.findMany({
      where: { kind, details: { path: ["importId"], equals: importId } },
    });
    return [events.length, new Set(events.map((event) => event.targetId)).size];
  };
  expect(await loggedOf("PrincipalCreated")).toEqual([1_199, 1_199]);
  expect(await loggedOf("PrincipalUpdated")).toEqual([1, 1]);
  expect(await loggedOf("ImportApplied")).toEqual([1, 1]);
}, 90_000);
