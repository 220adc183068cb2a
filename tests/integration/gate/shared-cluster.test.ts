import { createHash, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import { openDatabase } from "@/lib/platform/database";
import { databaseRoles, rolesAt } from "@/lib/platform/database-roles";
import { inTransaction } from "@/lib/platform/transaction";
import { ownLogins } from "@/lib/server/database/database-logins";
import { migrate } from "@/lib/server/database/migrate";

/** Several installations on one PostgreSQL, each with an owner of its own, as a start finds them. */
interface Place {
  readonly name: string;
  readonly owner: string;
  readonly ownerUrl: string;
}
const clusterUrl = inject("clusterUrl");
const places: Place[] = [];

async function query(url: string, sql: string, values?: unknown[], options = "") {
  const client = new pg.Client({ connectionString: url, options });
  await client.connect();
  try {
    return await client.query(sql, values);
  } finally {
    await client.end();
  }
}

/** The SQLSTATE that the database answers with, or null. */
const answer = (url: string, sql: string, options = "") =>
  query(url, sql, undefined, options).then(
    () => null,
    (error) => (error instanceof pg.DatabaseError ? (error.code ?? "") : String(error)),
  );

async function makePlace(attributes: string): Promise<Place> {
  const name = `place_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  const owner = `${name}_owner`;
  await query(clusterUrl, `CREATE ROLE ${owner} LOGIN ${attributes} PASSWORD 'secret-${name}'`);
  await query(clusterUrl, `CREATE DATABASE ${name} OWNER ${owner}`);
  const url = new URL(clusterUrl);
  [url.pathname, url.username, url.password] = [`/${name}`, owner, `secret-${name}`];
  const place = { name, owner, ownerUrl: url.href };
  places.push(place);
  return place;
}

async function logins(place: Place) {
  const client = new pg.Client({ connectionString: place.ownerUrl });
  await client.connect();
  try {
    return await ownLogins(client, place.ownerUrl);
  } finally {
    await client.end();
  }
}

/** As a start does it: roles, migrations, logins. */
async function start(place: Place) {
  await migrate(place.ownerUrl);
  const { serving, working, reason } = await logins(place);
  if (!serving || !working) throw new Error(reason ?? "");
  return { serving, working };
}

/** The same database with another login. */
function at(place: Place, login: string): string {
  const url = new URL(login);
  url.pathname = `/${place.name}`;
  return url.href;
}

afterAll(async () => {
  for (const { name } of places) await query(clusterUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  for (const { name, owner } of places) {
    const { application, worker, serving, working } = databaseRoles(name);
    await query(
      clusterUrl,
      `DROP ROLE IF EXISTS ${serving}, ${working}, ${application}, ${worker}, ${owner}`,
    );
  }
});

describe("two installations on one PostgreSQL", () => {
  let one: Place;
  let two: Place;
  let own: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    [one, two] = [await makePlace("CREATEROLE"), await makePlace("CREATEROLE")];
    own = await start(one);
    await start(two);
  });

  it("share no role, and keep each other's logins and owners out", async () => {
    const theirs = databaseRoles(two.name);
    for (const url of [own.serving, own.working, one.ownerUrl]) {
      for (const options of ["", `-c role=${rolesAt(one.ownerUrl).application}`])
        expect(await answer(at(two, url), "SELECT hash FROM password_credentials", options)).toBe("42501");
      for (const role of Object.values(theirs)) {
        expect(await answer(url, `SET ROLE ${role}`), role).toBe("42501");
        expect(await answer(url, `GRANT ${role} TO CURRENT_USER`), role).toBe("42501");
        expect(await answer(url, `ALTER ROLE ${role} LOGIN PASSWORD 'mine'`), role).toBe("42501");
        expect(await answer(url, `DROP ROLE ${role}`), role).toBe("42501");
      }
      expect(await answer(url, `GRANT CONNECT ON DATABASE ${two.name} TO PUBLIC`)).not.toBeNull();
      expect(await answer(at(two, url), "SELECT 1"), "after all of that").toBe("42501");
    }
  });

  it("hold no right of the other's, in either database", async () => {
    const { rows } = await query(
      one.ownerUrl,
      `SELECT DISTINCT r.rolname FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
       WHERE r.rolname LIKE 'postern%'`,
    );
    expect(rows).toEqual([{ rolname: rolesAt(one.ownerUrl).application }]);
    for (const url of [own.serving, own.working]) {
      const login = new URL(url).searchParams.get("user");
      const members = await query(
        one.ownerUrl,
        "SELECT roleid::regrole::text AS role FROM pg_auth_members WHERE member = $1::regrole",
        [login],
      );
      for (const { role } of members.rows)
        expect(Object.values(databaseRoles(one.name)), role).toContain(role);
    }
  });

  it("let nobody else in at all, and nobody make temporary tables", async () => {
    const stranger = await makePlace("");
    expect(await answer(at(one, stranger.ownerUrl), "SELECT 1")).toBe("42501");
    for (const url of [own.serving, own.working])
      expect(await answer(url, "CREATE TEMP TABLE resources (id uuid)")).toBe("42501");
  });
});

describe("an installation of a version whose roles the whole cluster shared", () => {
  it("moves over at its next start, with every right as it was, and its logins lose the shared role", async () => {
    const place = await makePlace("CREATEROLE");
    const other = await makePlace("CREATEROLE");
    await start(other);
    const reference = await makePlace("CREATEROLE");
    await start(reference);
    // The state that a version with cluster-wide roles left, or `prisma migrate deploy`: with the rights of the
    // migrations.
    const before = readdirSync("prisma/migrations").filter((name) => /^\d/.test(name));
    const shared = async (role: string) => {
      await query(
        clusterUrl,
        `DO $$ BEGIN CREATE ROLE ${role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
      );
      await query(clusterUrl, `GRANT ${role} TO ${place.owner} WITH ADMIN OPTION`);
    };
    await shared("postern_app");
    await shared("postern_worker");
    await query(
      place.ownerUrl,
      `CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
         migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
         started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`,
    );
    for (const name of before.sort()) {
      const sql = readFileSync(`prisma/migrations/${name}/migration.sql`, "utf8");
      await query(place.ownerUrl, sql);
      await query(
        place.ownerUrl,
        "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ($1, $2, $3, now())",
        [randomUUID(), createHash("sha256").update(sql).digest("hex"), name],
      );
    }
    await query(place.ownerUrl, "CREATE SCHEMA pgboss; CREATE TABLE pgboss.job (id integer)");
    await query(
      place.ownerUrl,
      "GRANT USAGE ON SCHEMA pgboss TO postern_worker; GRANT SELECT ON pgboss.job TO postern_worker",
    );
    const { serving: login } = databaseRoles(place.name);
    await query(place.ownerUrl, `CREATE ROLE ${login} LOGIN PASSWORD 'x'; GRANT postern_app TO ${login}`);

    const { serving } = await start(place);
    const rights = async (of: Place) =>
      (
        await query(
          of.ownerUrl,
          `SELECT format('%s %s %s', regexp_replace(r.rolname, '_[0-9a-f]{12}$', ''), x.object, x.privilege) AS right FROM (
             SELECT c.oid::regclass::text AS object, a.privilege_type AS privilege, a.grantee
             FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'public'::regnamespace
             UNION ALL
             SELECT t.attrelid::regclass || '.' || t.attname, a.privilege_type, a.grantee
             FROM pg_attribute t, aclexplode(t.attacl) a
             UNION ALL
             SELECT nspname, a.privilege_type, a.grantee FROM pg_namespace, aclexplode(nspacl) a WHERE nspname = 'public'
             UNION ALL
             SELECT p.oid::regprocedure::text, a.privilege_type, a.grantee FROM pg_proc p, aclexplode(p.proacl) a
             WHERE p.pronamespace = 'public'::regnamespace) x
           JOIN pg_roles r ON r.oid = x.grantee WHERE r.rolname LIKE 'postern%' ORDER BY 1`,
        )
      ).rows.map((row) => row.right);
    const moved = await rights(place);
    expect(moved.length).toBeGreaterThan(100);
    expect(moved).toEqual(await rights(reference));
    const { rows } = await query(
      place.ownerUrl,
      "SELECT FROM pg_shdepend WHERE refobjid IN ('postern_app'::regrole, 'postern_worker'::regrole) AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
    );
    expect(rows).toEqual([]);
    expect(await answer(serving, "SET ROLE postern_app")).toBe("42501");
    expect(await answer(at(other, serving), "SELECT 1")).toBe("42501");
    const { worker } = databaseRoles(place.name);
    expect(await answer(place.ownerUrl, `SET ROLE ${worker}; SELECT count(*) FROM pgboss.job`)).toBeNull();
  });
});

describe("an owner who makes no roles", () => {
  it("learns in one line what to grant, and then serves as the application's role", async () => {
    const place = await makePlace("");
    const refused = await migrate(place.ownerUrl).catch((error) => String(error.message));
    expect(refused).toMatch(
      /^The database's owner makes no roles .*Have a superuser run this once, then start again: /,
    );
    expect(refused).not.toContain("\n");
    await query(clusterUrl, String(refused).split("start again: ")[1] ?? "");
    await migrate(place.ownerUrl);
    expect(await logins(place)).toMatchObject({
      serving: null,
      reason: expect.stringContaining("permission denied"),
    });
    const database = openDatabase({ url: place.ownerUrl });
    await inTransaction(database, (transaction) =>
      recordAuditEvent(transaction, { kind: "SignIn", outcome: "Success" }),
    );
    await database.close();
    const { application } = rolesAt(place.ownerUrl);
    for (const sql of ["DELETE FROM audit_events", "UPDATE step_up_proofs SET spent_at = NULL"])
      expect(await answer(place.ownerUrl, sql, `-c role=${application}`)).toBe("42501");
  });
});
