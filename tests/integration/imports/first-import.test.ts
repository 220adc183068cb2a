import { afterAll, beforeAll, expect, it } from "vitest";
import { stageFiles } from "@/lib/operations/imports/stage-files";
import { openDatabase } from "@/lib/platform/database";
import { readSeveral } from "@/lib/platform/import-files/several-import-files";
import { inTransaction } from "@/lib/platform/transaction";
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
  // One connection, which plans its statements while the tables are known to have few rows.
  const own = openDatabase({ url: at.test.url, maximumConnections: 1 });
  const { applyAll } = importsOf({ ...at, database: own });
  /** Imports a group with so many members, who are new. */
  const importMembers = async (group: string, count: number) => {
    const users = Array.from({ length: count }, (_, index) => azureUser(index, { id: `${group}-${index}` }));
    const files = {
      "users.json": JSON.stringify(
        users.map((user) => ({ ...user, userPrincipalName: `${user.id}@fabrikam.example` })),
      ),
      "groups.json": JSON.stringify([{ id: group, displayName: group, securityEnabled: true }]),
      "members.csv": ["group,member", ...users.map(({ id }) => `${group},${id}`)].join("\n"),
    };
    const read = readSeveral(
      Object.entries(files).map(([name, content]) => ({ name, bytes: Buffer.from(content) })),
    );
    const staged = await stageFiles(own, at.owner, {
      files: read,
      capToMaximum: false,
      removeMembers: false,
    });
    if (!staged.ok) throw new Error(JSON.stringify(staged.error));
    await applyAll(staged.importId);
  };
  await at.test.asOwner("ANALYZE");
  for (const group of ["some", "others"]) await importMembers(group, 8);
  const [{ pid } = { pid: 0 }] = await inTransaction(
    own,
    (transaction) => transaction.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`,
  );
  const many = 1_100;
  await importMembers("many", many);
  await own.close();
  const still = async () =>
    (await at.test.asOwner("SELECT FROM pg_stat_activity WHERE pid = $1", [pid])).rowCount;
  await expect.poll(still, { timeout: 30_000 }).toBe(0);
  expect(await at.database.client.principal.count()).toBeGreaterThan(many);
  for (const table of ["principals", "group_members", "audit_events"])
    expect(await rowsRead(table), table).toBeLessThan(200 * many);
});
