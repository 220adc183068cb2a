import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import { type Database, openDatabase } from "@/lib/platform/database";
import { inTransaction, readOnce } from "@/lib/platform/transaction";
import { openHealth } from "@/lib/server/http/health";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { type SilentNetwork, startSilentNetwork } from "../../support/peers/silent-network";

/** As usual, but in a tenth of the time. */
const patience = { beforeAsking: 500, forAnswer: 1_000, inAll: 4_000 };
const soon = { timeout: 20_000, interval: 20 };

let test: TestDatabase;
let network: SilentNetwork;
let database: Database;
let url: string;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  network = await startSilentNetwork(Number(new URL(test.url).port));
  url = test.url.replace(/@[^/]+/, `@127.0.0.1:${network.port}`);
  database = openDatabase({ url, patience });
  await Promise.all([ask(), change("before")]);
});
afterEach(async () => {
  network.recover();
  await database.close();
  await network.close();
});

const ask = () => readOnce(database, (client) => client.$queryRaw`SELECT 1 AS one`);
const change = (said: string) =>
  inTransaction(database, (transaction) =>
    recordAuditEvent(transaction, { kind: "SignIn", outcome: "Failure", details: { said } }),
  );
const said = async () =>
  (await test.database.client.auditEvent.findMany({ where: { kind: "SignIn" } })).map(
    ({ details }) => (details as { readonly said?: string }).said,
  );

/** The outcome of some work, and how long it took. */
async function outcome(work: () => Promise<unknown>) {
  const begun = performance.now();
  const error = await work().then(
    () => null,
    (thrown: Error) => String(thrown.message),
  );
  return { error, milliseconds: performance.now() - begun };
}

it("a host that drops everything and closes nothing is noticed within a bound, and found again once it is back", async () => {
  const health = openHealth({ url, keys: [], patienceMilliseconds: 1_500 });
  try {
    expect(await health.answers()).toBe(true);
    network.fallSilent();
    const all = await Promise.all(
      // More than there are connections: work that waits for one gets an answer as well.
      [...Array.from({ length: 14 }, (_, index) => () => change(`silent ${index}`)), ask, ask].map(outcome),
    );
    for (const { error, milliseconds } of all) {
      expect(error).not.toBeNull();
      expect(milliseconds).toBeLessThan(12_000);
    }
    expect(await health.readiness()).toBe("database unavailable");
    network.recover();
    await expect.poll(health.readiness, soon).not.toBe("database unavailable");
    await Promise.all(Array.from({ length: 24 }, (_, index) => change(`after ${index}`)));
    await ask();
    const kept = await said();
    expect(kept.filter((each) => each?.startsWith("after"))).toHaveLength(24);
    // These failed.
    expect(kept.filter((each) => each?.startsWith("silent"))).toEqual([]);
  } finally {
    await health.close();
  }
});

it("a statement that takes long at a host that answers is left alone", async () => {
  const slow = inTransaction(
    database,
    (transaction) => transaction.$queryRaw<object[]>`SELECT pg_sleep(2.5)::text, 7 AS answer`,
  );
  expect(await slow).toMatchObject([{ answer: 7 }]);
});

it("a connection that was forgotten on the way ends after its limit, though its host answers", async () => {
  const asked = inTransaction(database, async (transaction) => {
    network.forgetConnections();
    await transaction.$queryRaw`SELECT 1`;
  });
  const { error, milliseconds } = await outcome(() => asked);
  expect(error).not.toBeNull();
  expect(milliseconds).toBeGreaterThan(patience.inAll - patience.beforeAsking);
  expect(milliseconds).toBeLessThan(15_000);
  await change("on a new connection");
  expect(await said()).toContain("on a new connection");
});

it("connections that wait idly end with those that found their host silent", async () => {
  await Promise.all(Array.from({ length: 6 }, (_, index) => change(`idle ${index}`)));
  const before = network.opened();
  network.fallSilent();
  expect((await outcome(() => change("silent"))).error).not.toBeNull();
  const idle = () => database.pools().reduce((sum, each) => sum + each.busy + each.idle, 0);
  await expect.poll(idle, soon).toBe(0);
  network.recover();
  await change("fresh");
  expect(network.opened()).toBeGreaterThan(before);
});
