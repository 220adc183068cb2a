import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { databaseRoles } from "@/lib/platform/database-roles";
import { migrate, migrationNames } from "@/lib/server/database/migrate";
import { ownLocks } from "../../support/database/held-lock";

// A table that a migration changes, and the migration. While it waits for its lock, nobody else may have to
// wait for long.
const [changed, change] = ["sign_in_rules", "20261129190000_factors_in_force"];
const clusterUrl = inject("clusterUrl");
const name = `upgraded_${randomUUID().replaceAll("-", "")}`;
const url = clusterUrl.replace(/\/postgres$/, `/${name}`);
const clients: pg.Client[] = [];

async function connected(to = url): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: to });
  await client.connect();
  clients.push(client);
  return client;
}

beforeEach(async () => {
  await (await connected(clusterUrl)).query(`CREATE DATABASE ${name}`);
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
  const cluster = await connected(clusterUrl);
  const { application, worker, serving, working } = databaseRoles(name);
  await cluster.query(`DROP DATABASE ${name} WITH (FORCE)`);
  for (const role of [serving, working, application, worker])
    await cluster.query(`DROP ROLE IF EXISTS ${role}`);
  await Promise.all(clients.splice(0).map((client) => client.end()));
});

it("a migration that must wait for somebody lets everybody else pass, and is applied once it can be", async () => {
  const before = migrationNames().filter((each) => each < change);
  await migrate(url, { only: new Set(before) });
  const [long, others] = [await connected(), await connected()];
  await others.query("SET statement_timeout = '20s'");
  await long.query("BEGIN");
  await long.query(`SELECT FROM ${changed}`);
  let applied = false;
  const migrating = migrate(url, { only: new Set([...before, change]) }).then((names) => {
    applied = true;
    return names;
  });
  const waiting = async () => {
    const { rows } = await others.query(
      `SELECT FROM ${ownLocks} WHERE relation = $1::regclass AND mode = 'AccessExclusiveLock' AND NOT granted`,
      [changed],
    );
    return rows.length > 0;
  };
  // Twice: it stops waiting, and tries again.
  for (let times = 0; times < 2; times += 1) {
    await expect.poll(waiting, { timeout: 60_000, interval: 10 }).toBe(true);
    // Comes after the migration, and would have to wait as long as `long` takes.
    await others.query(`SELECT FROM ${changed}`);
    expect(applied).toBe(false);
  }
  await long.query("COMMIT");
  expect(await migrating).toEqual([change]);
});
