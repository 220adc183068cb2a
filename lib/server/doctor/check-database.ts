import type pg from "pg";
import { poolMode } from "@/lib/platform/connection-settings";
import { databaseRoles } from "@/lib/platform/database-roles";
import { migrationState } from "@/lib/server/database/migrate";
import { oneRow } from "@/lib/server/database/one-row";
import { settingsFault } from "@/lib/server/database/passed-settings";
import { type Finding, findingsOf } from "@/lib/server/doctor/finding";

const extensions = ["btree_gist", "pg_trgm"];
/** How many connections one serving process and one worker use (docs/decisions/serving-processes.md). */
const connectionsOfOne = 22;

/** The version of the database, its extensions, its connections, and whether the connection is encrypted. */
export async function checkServer(client: pg.Client): Promise<Finding[]> {
  const of = findingsOf("database");
  const server = await oneRow<{
    version: string;
    number: number;
    encoding: string;
    missing: string[];
    empty: boolean;
    most: number;
    used: number;
    encrypted: boolean;
    local: boolean;
    megabytes: number;
  }>(
    client,
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
       current_setting('server_encoding') AS encoding,
       array(SELECT unnest($1::text[]) EXCEPT SELECT extname FROM pg_extension ORDER BY 1) AS missing,
       to_regclass('public._prisma_migrations') IS NULL AS empty,
       current_setting('max_connections')::int AS most, (SELECT count(*)::int FROM pg_stat_activity) AS used,
       coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted,
       coalesce(inet_server_addr() << '127.0.0.0/8'::inet OR inet_server_addr() = '::1'::inet, true) AS local,
       (pg_database_size(current_database()) / 1048576)::int AS megabytes`,
    [extensions],
  );
  const findings: Finding[] = [];
  if (server.number < 150_000)
    findings.push(
      of.fault(`PostgreSQL ${server.version}`, "Postern needs PostgreSQL 15 or later: upgrade it."),
    );
  if (server.encoding !== "UTF8")
    findings.push(
      of.fault(`its encoding is ${server.encoding}`, "Create the database again with ENCODING 'UTF8'."),
    );
  // The first migration creates them.
  if (server.missing.length > 0 && !server.empty)
    findings.push(
      of.fault(
        `the extensions ${server.missing.join(" and ")} are missing`,
        `As a superuser: CREATE EXTENSION ${server.missing.join("; CREATE EXTENSION ")};`,
      ),
    );
  const free = server.most - server.used;
  if (free < connectionsOfOne)
    findings.push(
      of.warning(
        `${server.used} of ${server.most} connections are taken`,
        `Raise max_connections: each serving process takes up to ${connectionsOfOne}.`,
      ),
    );
  if (!server.encrypted && !server.local)
    findings.push(
      of.warning(
        "the connection to it is not encrypted",
        "Add sslmode=verify-full to DATABASE_URL, with the certificate of its authority.",
      ),
    );
  return findings.length > 0
    ? findings
    : [of.ok(`PostgreSQL ${server.version}, ${server.megabytes} MiB, ${free} connections free`)];
}

/** Whether connections have the settings that Postern gives them. A pooler may refuse or drop them. */
export async function checkPooler(databaseUrl: string): Promise<Finding[]> {
  const fault = await settingsFault(databaseUrl);
  const of = findingsOf("pooler");
  return [
    fault
      ? of.fault(`connections do not have or keep their settings: ${fault.fault}`, fault.todo)
      : of.ok(
          poolMode(databaseUrl) === null
            ? "none that drops the settings of connections"
            : "one that keeps a connection for each session",
        ),
  ];
}

/** Whether Postern's own roles and logins exist, and the tables belong to the user of DATABASE_URL. */
export async function checkRights(client: pg.Client): Promise<Finding[]> {
  const of = findingsOf("database rights");
  const { database, owner, owns } = await oneRow<{ database: string; owner: string | null; owns: boolean }>(
    client,
    `SELECT current_database() AS database, r.rolname AS owner, coalesce(pg_has_role(r.oid, 'USAGE'), false) AS owns
     FROM (SELECT 1) one LEFT JOIN pg_class c ON c.oid = to_regclass('public.audit_events')
     LEFT JOIN pg_roles r ON r.oid = c.relowner`,
  );
  if (owner === null) return [of.unchecked("the database has no tables yet")];
  if (!owns)
    return [
      of.fault(
        `the tables belong to ${owner}, and DATABASE_URL names somebody else`,
        `Set DATABASE_URL to the login ${owner}.`,
      ),
    ];
  const names = databaseRoles(database);
  const { rows } = await client.query<{ name: string; super: boolean }>(
    "SELECT rolname AS name, rolsuper AS super FROM pg_roles WHERE rolname = ANY ($1)",
    [Object.values(names)],
  );
  const has = (name: string) => rows.some((row) => row.name === name);
  const mighty = rows.filter((row) => row.super).map(({ name }) => name);
  if (mighty.length > 0)
    return [
      of.fault(
        `${mighty.join(" and ")} may do anything`,
        `As a superuser: ${mighty.map((name) => `ALTER ROLE ${name} NOSUPERUSER`).join("; ")};`,
      ),
    ];
  if (!has(names.application) || !has(names.worker))
    return [
      of.fault(
        "the roles of the application are missing",
        "Start Postern once: it makes them, or says what a superuser must run.",
      ),
    ];
  if (!has(names.serving) || !has(names.working))
    return [
      of.warning(
        "Postern has no logins of its own, and connects as the owner of its tables",
        "Let the owner create roles (ALTER ROLE … CREATEROLE) and start Postern again; docs/decisions/database-logins.md.",
      ),
    ];
  return [of.ok("logins of its own, which own nothing")];
}

/** Whether the database is of this version. */
export async function checkMigrations(client: pg.Client): Promise<Finding[]> {
  const of = findingsOf("migrations");
  const { applied, pending, edited, unknown } = await migrationState(client);
  if (edited.length > 0)
    return [
      of.fault(
        `${edited.join(", ")} was changed after it was applied`,
        "Use the files of the release that this database was migrated with, or a newer one.",
      ),
    ];
  if (unknown.length > 0)
    return [
      of.fault(
        `the database is of a newer version: this one does not know ${unknown.join(", ")}`,
        "Run that version here as well.",
      ),
    ];
  if (pending.length > 0)
    return [
      of.warning(
        `${pending.length} of this version are not applied: ${pending.slice(0, 3).join(", ")}${pending.length > 3 ? "…" : ""}`,
        "Start this version: each start applies them.",
      ),
    ];
  return [of.ok(`${applied.length} applied`)];
}
