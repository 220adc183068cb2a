import { createHash, createHmac, pbkdf2Sync, randomBytes, scryptSync } from "node:crypto";
import type pg from "pg";
import { DatabaseClient } from "@/lib/platform/database-client";
import { databaseRoles } from "@/lib/platform/database-roles";
import { oneRow } from "@/lib/server/database/one-row";

/** The URLs of the logins, or why there are none. */
export type OwnLogins =
  | { readonly serving: string; readonly working: string; readonly reason: null }
  | { readonly serving: null; readonly working: null; readonly reason: string };

/**
 * Creates Postern's own database logins if they do not exist: `serving` and `working`, each the URL of a login
 * that owns nothing, so that no connection of theirs can become the owner of the tables
 * (docs/decisions/database-logins.md). `{ reason }` if this database does not allow it. `client` is the owner's
 * connection to `databaseUrl`, whose database has its roles (`ownDatabase`). Called by one start at a time.
 */
export async function ownLogins(client: pg.Client, databaseUrl: string): Promise<OwnLogins> {
  const secret = typeof client.password === "string" ? client.password : "";
  if (secret === "") return none("the owner has no password to derive theirs from");
  if (!URL.canParse(databaseUrl)) return none("DATABASE_URL is not written as a URL");
  try {
    const { database } = await oneRow<{ database: string }>(client, "SELECT current_database() AS database");
    const { application, worker, serving, working } = databaseRoles(database);
    const made = async (login: string, roles: readonly string[]): Promise<string> => {
      const password = scryptSync(secret, `Postern ${login}`, 24).toString("base64url");
      const url = new URL(databaseUrl);
      url.username = "";
      url.password = "";
      url.searchParams.set("user", login);
      url.searchParams.set("password", password);
      if (!(await connectsAs(url.href, roles))) await make(client, login, password, roles, database);
      await tidy(client, login, roles, database);
      if (!(await connectsAs(url.href, roles))) throw new Error(`${login} was made, but cannot connect`);
      return url.href;
    };
    return {
      serving: await made(serving, [application]),
      working: await made(working, [application, worker]),
      reason: null,
    };
  } catch (error) {
    return none(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Revokes what a login has beyond its roles: roles that installations once shared or that somebody granted, and
 * settings that it made for its own later connections.
 */
async function tidy(
  client: pg.Client,
  login: string,
  roles: readonly string[],
  database: string,
): Promise<void> {
  const { rows } = await client.query<{ role: string }>(
    `SELECT r.rolname AS role FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
     WHERE m.member = $1::regrole AND r.rolname <> ALL ($2)`,
    [login, roles],
  );
  for (const { role } of rows) await client.query(`REVOKE ${client.escapeIdentifier(role)} FROM ${login}`);
  const { rowCount } = await client.query("SELECT FROM pg_db_role_setting WHERE setrole = $1::regrole", [
    login,
  ]);
  if (rowCount === 0) return;
  await client.query(
    `ALTER ROLE ${login} RESET ALL; ALTER ROLE ${login} IN DATABASE ${client.escapeIdentifier(database)} RESET ALL;`,
  );
}

function none(reason: string): OwnLogins {
  return { serving: null, working: null, reason };
}

/** Whether the login connects and may act as all of these roles. */
async function connectsAs(url: string, roles: readonly string[]): Promise<boolean> {
  const client = new DatabaseClient({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    for (const role of roles) await client.query(`SET ROLE ${role}`);
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function make(
  client: pg.Client,
  login: string,
  password: string,
  roles: readonly string[],
  database: string,
): Promise<void> {
  const name = client.escapeIdentifier(login);
  const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [login]);
  // One message, and so one transaction: a login never exists without its rights.
  await client.query(`
    ${rowCount === 0 ? "CREATE" : "ALTER"} ROLE ${name} LOGIN PASSWORD ${client.escapeLiteral(verifier(password))};
    GRANT CONNECT ON DATABASE ${client.escapeIdentifier(database)} TO ${name};
    GRANT ${roles.join(", ")} TO ${name};`);
}

/** The SCRAM verifier that PostgreSQL stores (RFC 5803), so that no statement or log holds the password itself. */
function verifier(password: string): string {
  const salt = randomBytes(16);
  const iterations = 4_096;
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const keyed = (text: string) => createHmac("sha256", salted).update(text).digest();
  const stored = createHash("sha256").update(keyed("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${stored}:${keyed("Server Key").toString("base64")}`;
}
