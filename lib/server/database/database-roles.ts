import type pg from "pg";
import { type DatabaseRoles, databaseRoles } from "@/lib/platform/database-roles";
import { oneRow } from "@/lib/server/database/one-row";

/** Postern's roles that have rights: those that all installations once shared, and those of one database. */
const anyRole = "^postern_(app|worker)(_[0-9a-f]{12})?$";

/**
 * Creates the roles of this database if they do not exist. Transfers to them what the roles of another
 * installation, or the formerly shared roles, have here. Keeps everybody else out of the database. Called as
 * the owner of the tables, by one start at a time. Returns the roles, and a line for each thing that could not
 * be done. Throws if the owner may neither create the roles nor act as them.
 */
export async function ownDatabase(
  client: pg.Client,
): Promise<{ readonly roles: DatabaseRoles; readonly faults: readonly string[] }> {
  const { database, owner, superuser } = await oneRow<{
    database: string;
    owner: string;
    superuser: boolean;
  }>(
    client,
    "SELECT current_database() AS database, current_user AS owner, current_setting('is_superuser')::boolean AS superuser",
  );
  // Later connections know the database only by the address.
  if (client.database !== database)
    throw new Error(
      `DATABASE_URL names the database ${client.database}, which is ${database} on the server: use its own name.`,
    );
  const roles = databaseRoles(database);
  for (const role of [roles.application, roles.worker]) await ensureRole(client, role, roles, owner);
  await moveRights(client, roles);
  return { roles, faults: await keepOthersOut(client, database, superuser) };
}

async function ensureRole(
  client: pg.Client,
  role: string,
  roles: DatabaseRoles,
  owner: string,
): Promise<void> {
  const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [role]);
  try {
    if (rowCount === 0) await client.query(`CREATE ROLE ${role} NOLOGIN`);
    if (!(await actsAs(client, role)))
      await client.query(`GRANT ${role} TO ${client.escapeIdentifier(owner)}`);
  } catch (error) {
    // Another start, of this or another database, has created it meanwhile.
    if (await actsAs(client, role)) return;
    const { rows } = await client.query<{ role: string }>(
      "SELECT r AS role FROM unnest($1::text[]) r WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r)",
      [[roles.application, roles.worker]],
    );
    const missing = rows.map((row) => `CREATE ROLE ${row.role} NOLOGIN; `).join("");
    throw new Error(
      `The database's owner makes no roles (${error instanceof Error ? error.message : error}). Have a superuser run this once, then start again: ${missing}GRANT ${roles.application}, ${roles.worker} TO ${client.escapeIdentifier(owner)};`,
    );
  }
}

async function actsAs(client: pg.Client, role: string): Promise<boolean> {
  try {
    await client.query(`SET ROLE ${role}`);
    return true;
  } catch {
    return false;
  } finally {
    await client.query("RESET ROLE");
  }
}

/** Grants this database's own role everything that another of Postern's roles may do here. */
async function moveRights(client: pg.Client, roles: DatabaseRoles): Promise<void> {
  await client.query(`
    DO $$
    DECLARE
      each record;
      own text;
    BEGIN
      FOR each IN
        WITH found AS (
          SELECT format('%s %I.%I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname) AS object,
            NULL AS column_name, c.relacl AS acl
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relacl IS NOT NULL
          UNION ALL
          SELECT format('TABLE %I.%I', n.nspname, c.relname), a.attname, a.attacl
          FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE a.attacl IS NOT NULL
          UNION ALL
          SELECT format('SCHEMA %I', nspname), NULL, nspacl FROM pg_namespace WHERE nspacl IS NOT NULL
          UNION ALL
          SELECT format('FUNCTION %s', p.oid::regprocedure), NULL, p.proacl FROM pg_proc p WHERE p.proacl IS NOT NULL
        )
        SELECT f.object, r.rolname AS role, string_agg(DISTINCT
          x.privilege_type || coalesce(' (' || quote_ident(f.column_name) || ')', ''), ', ') AS privileges
        FROM found f CROSS JOIN LATERAL aclexplode(f.acl) x JOIN pg_roles r ON r.oid = x.grantee
        WHERE r.rolname ~ '${anyRole}' AND r.rolname NOT IN ('${roles.application}', '${roles.worker}')
        GROUP BY f.object, r.rolname
      LOOP
        own := CASE WHEN each.role LIKE 'postern\\_worker%' THEN '${roles.worker}' ELSE '${roles.application}' END;
        EXECUTE format('GRANT %s ON %s TO %I', each.privileges, each.object, own);
        EXECUTE format('REVOKE %s ON %s FROM %I', each.privileges, each.object, each.role);
      END LOOP;
    END $$;`);
}

/** Revokes what PostgreSQL grants to everybody in a new database: to connect, and to create temporary tables. */
async function keepOthersOut(
  client: pg.Client,
  database: string,
  superuser: boolean,
): Promise<readonly string[]> {
  const name = client.escapeIdentifier(database);
  const wanted = `REVOKE ALL ON DATABASE ${name} FROM PUBLIC; REVOKE CREATE ON SCHEMA public FROM PUBLIC;`;
  await client.query(wanted);
  // Large objects are not needed, and anybody could fill the disk with them. Only a superuser may revoke this.
  if (superuser)
    await client.query(
      "REVOKE ALL ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC",
    );
  const { open } = await oneRow<{ open: boolean }>(
    client,
    `SELECT EXISTS (SELECT FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
       WHERE d.datname = current_database() AND a.grantee = 0)
     OR EXISTS (SELECT FROM pg_namespace n, aclexplode(n.nspacl) a
       WHERE n.nspname = 'public' AND a.grantee = 0 AND a.privilege_type = 'CREATE') AS open`,
  );
  return open
    ? [`Other logins of this PostgreSQL may connect to the database. Have its owner run: ${wanted}`]
    : [];
}
