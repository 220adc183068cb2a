import { randomUUID } from "node:crypto";
import pg from "pg";
import { expect, inject, it } from "vitest";
import { databaseRoles } from "@/lib/platform/database-roles";
import { migrate } from "@/lib/server/database/migrate";

const clusterUrl = inject("clusterUrl");

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

it("a database from before the first release is refused in one line that says what to do, and left as it is", async () => {
  const name = `old_${randomUUID().replaceAll("-", "")}`;
  await query(clusterUrl, `CREATE DATABASE ${name}`);
  const url = clusterUrl.replace(/\/postgres$/, `/${name}`);
  try {
    await query(
      url,
      `CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
         migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
         started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0);
       INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
       VALUES ('1', 'x', '20261124000000_main_job', now()), ('2', 'y', '20261128090924_changes_need_event', now());
       CREATE TABLE principals (id uuid)`,
    );
    const reason = await migrate(url).then(
      () => "migrated",
      (error: Error) => error.message,
    );
    expect(reason).toMatch(
      /^This database is from before the first release .*delete the data folder.*DATABASE_URL/,
    );
    expect(reason).not.toContain("\n");
    const { rows } = await query(
      url,
      "SELECT count(*)::int AS tables FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    );
    expect(rows).toEqual([{ tables: 2 }]);
    const { application } = databaseRoles(name);
    expect((await query(url, `SELECT FROM pg_roles WHERE rolname = '${application}'`)).rowCount).toBe(0);
    expect((await query(url, "SELECT FROM _prisma_migrations")).rowCount).toBe(2);
  } finally {
    await query(clusterUrl, `DROP DATABASE ${name} WITH (FORCE)`);
  }
});
