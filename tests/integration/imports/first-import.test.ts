import { afterAll, beforeAll, expect, it } from "vitest";
import { openDatabase } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";
import { makeGroup } from "../../support/factories";
import { azureUser, importsOf, makeImports } from "../../support/imports";

let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports();
});
afterAll(() => at.test.drop());

/** How many rows of a table were read so far, by connections that have ended. */
async function rowsRead(table: string): Promise<number> {
  const { rows } = await at.test.asOwner(
    "SELECT (seq_tup_read + coalesce(idx_tup_fetch, 0))::float8 AS read FROM pg_stat_user_tables WHERE relname = $1",
    [table],
  );
  return Number(rows[0]?.read);
}

it("reads each row by its keys, on a connection that worked when there were few", async () => {
  const [team, many] = [await makeGroup(at.database, [], "Team"), 800];
  // One connection, which plans its statements while the tables are known to have few rows.
  const { database } = at;
  const own = openDatabase({ url: at.test.url, maximumConnections: 1 });
  const { stage, applyAll } = importsOf({ ...at, database: own });
  const users = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => azureUser(from + index));
  await at.test.asOwner("ANALYZE");
  for (const from of [many, many + 8]) {
    await applyAll(await stage("Users", users(from, 8)));
    await applyAll(await stage("GroupMembers", users(from, 8), { group: team.id }));
  }
  const [{ pid } = { pid: 0 }] = await inTransaction(
    own,
    (transaction) => transaction.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`,
  );
  await applyAll(await stage("Users", users(0, many)));
  await applyAll(await stage("GroupMembers", users(0, many), { group: team.id }));
  await own.close();
  const still = async () =>
    (await at.test.asOwner("SELECT FROM pg_stat_activity WHERE pid = $1", [pid])).rowCount;
  await expect.poll(still, { timeout: 30_000 }).toBe(0);
  expect(await database.client.principal.count()).toBeGreaterThan(many);
  for (const table of ["principals", "group_members", "audit_events"])
    expect(await rowsRead(table), table).toBeLessThan(60 * many);
});
