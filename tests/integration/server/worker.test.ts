import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { addDays } from "@/lib/domain/time/schedule";
import { recordExpiries } from "@/lib/operations/assignments/record-expiries";
import type { PeriodicJob } from "@/lib/platform/job-state";
import { prepareQueues, startWorker, type Worker } from "@/lib/platform/jobs";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { holdLog } from "../../support/database/held-lock";
import { grant, makeRole, makeTree, makeUser } from "../../support/factories";

const start = new Date("2027-03-01T09:00:00Z");
const clock = { now: start };
const patience = { timeout: 30_000 };
let test: TestDatabase;
let workers: Worker[];
let lines: string[];

beforeEach(async () => {
  clock.now = start;
  lines = [];
  workers = [];
  test = await createTestDatabase({ clock: () => clock.now });
});
afterEach(async () => {
  for (const worker of workers) await worker.stop();
  await test.drop();
});

async function work(jobs: readonly PeriodicJob[]): Promise<Worker> {
  const { url, database } = test;
  await prepareQueues(url, jobs);
  const worker = await startWorker({ url, database, jobs, tell: (line) => lines.push(line) });
  workers.push(worker);
  return worker;
}

const expiries: PeriodicJob = {
  name: "record-expiries",
  title: "Expiries",
  everyMinutes: 1,
  run: recordExpiries,
};

it("catches up after a day without a worker, two of them at once, and notifies of each end once", async () => {
  const { database } = test;
  const tree = await makeTree(database);
  const role = await makeRole(database, "Reader", {});
  const user = await makeUser(database);
  for (let hours = 1; hours <= 20; hours += 1) {
    const endsAt = new Date(start.getTime() + hours * 3_600_000);
    const startsAt = new Date(endsAt.getTime() - 3_600_000);
    await grant(database, "active", user.id, role.id, tree.group.id, { startsAt, endsAt });
  }
  const worker = await work([expiries]);
  await vi.waitFor(async () => {
    expect(await database.client.workerJob.findFirst()).toMatchObject({ lastCount: 0, failuresInRow: 0 });
  }, patience);
  await worker.stop();

  clock.now = addDays(start, 1);
  const foundNothing = () =>
    vi.waitFor(async () => {
      const job = await database.client.workerJob.findFirst();
      expect(job).toMatchObject({ lastCount: 0, lastSucceededAt: clock.now });
    }, patience);
  // The first is stopped where it writes its result. The second finds nothing left to do, and waits for nobody.
  const log = await holdLog(test);
  await work([expiries]);
  await log.waitedFor();
  await work([expiries]);
  await foundNothing();
  await log.release();
  const expired = () => database.client.auditEvent.findMany({ where: { kind: "ActiveAssignmentExpired" } });
  // The next run overwrites the result of the first, and may come at once. The log keeps it.
  await vi.waitFor(async () => expect(await expired()).not.toEqual([]), patience);
  for (const each of workers) await each.stop();
  const events = await expired();
  expect(new Set(events.map((event) => event.assignmentId)).size).toBe(20);
  expect(events).toHaveLength(20);
  expect(lines).toEqual([]);
});

it("writes down how each job went, and continues after one that failed", async () => {
  const { database } = test;
  let broken = true;
  let asked = true;
  const job: PeriodicJob = {
    name: "flaky",
    title: "Flaky",
    everyMinutes: 60,
    run: async () => {
      if (broken) throw new Error("the mail server is away");
      return 3;
    },
    due: async () => asked,
  };
  const worker = await work([job]);
  await vi.waitFor(async () => {
    const row = await database.client.workerJob.findUniqueOrThrow({ where: { name: "flaky" } });
    expect(row).toMatchObject({ lastError: "the mail server is away", lastFailedAt: start });
    expect(row.failuresInRow).toBeGreaterThan(0);
  }, patience);
  broken = false;
  await vi.waitFor(async () => {
    const row = await database.client.workerJob.findUniqueOrThrow({ where: { name: "flaky" } });
    expect(row).toMatchObject({ failuresInRow: 0, lastCount: 3, lastSucceededAt: start });
  }, patience);
  asked = false;
  expect(lines).toContain("Flaky: the mail server is away");
  expect(await database.client.workerInstance.findMany()).toMatchObject([{ stoppedAt: null }]);
  await worker.stop();
  expect(await database.client.workerInstance.findMany()).toMatchObject([{ stoppedAt: start }]);
  await work([]);
  expect(await database.client.workerJob.findMany()).toEqual([]);
});

it("gives whoever serves requests no right in the job queue", async () => {
  await work([expiries]);
  const { client } = test.database;
  await expect(client.$queryRaw`SELECT name FROM pgboss.job`).rejects.toThrow(/permission denied/);
  await expect(client.$executeRaw`DELETE FROM pgboss.schedule`).rejects.toThrow(/permission denied/);
});
