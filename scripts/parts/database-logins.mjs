import { createHash, createHmac, pbkdf2Sync, randomBytes, scryptSync } from "node:crypto";
import pg from "pg";

/** The logins, with the roles each acts as: what serves requests, and the worker. */
const logins = [
  { name: "serving", roles: ["postern_app"] },
  { name: "working", roles: ["postern_app", "postern_worker"] },
];

/**
 * Database logins of Postern's own, made where they are not there yet: `serving` and `working`, each the URL of one that
 * owns nothing, so that no connection of theirs can become the owner of the tables (docs/decisions/database-logins.md).
 * `{ reason }` where this database does not let us. `client` is the owner's connection by `databaseUrl`; called by one
 * start at a time.
 */
export async function ownLogins(client, databaseUrl) {
  const secret = typeof client.password === "string" ? client.password : "";
  if (secret === "") return none("the owner has no password to derive theirs from");
  if (!URL.canParse(databaseUrl)) return none("DATABASE_URL is not written as a URL");
  try {
    const { rows } = await client.query("SELECT current_database() AS database");
    const [{ database }] = rows;
    const suffix = createHash("sha256").update(database).digest("hex").slice(0, 12);
    const urls = new Map();
    for (const { name, roles } of logins) {
      const login = `postern_${name}_${suffix}`;
      const password = scryptSync(secret, `Postern ${login}`, 24).toString("base64url");
      const url = new URL(databaseUrl);
      url.username = "";
      url.password = "";
      url.searchParams.set("user", login);
      url.searchParams.set("password", password);
      urls.set(name, url.href);
      if (!(await connectsAs(url.href, roles))) await make(client, login, password, roles, database);
      if (!(await connectsAs(url.href, roles))) return none(`${login} was made, but cannot connect`);
    }
    return { serving: String(urls.get("serving")), working: String(urls.get("working")), reason: null };
  } catch (error) {
    return none(error.message);
  }
}

function none(reason) {
  return { serving: null, working: null, reason: String(reason) };
}

/** Whether the login connects and may act as all of these roles. */
async function connectsAs(url, roles) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
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

async function make(client, login, password, roles, database) {
  const name = client.escapeIdentifier(login);
  const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [login]);
  // One message, and so one transaction: there is no login without its rights.
  await client.query(`
    ${rowCount === 0 ? "CREATE" : "ALTER"} ROLE ${name} LOGIN NOCREATEDB NOCREATEROLE
      PASSWORD ${client.escapeLiteral(verifier(password))};
    GRANT CONNECT ON DATABASE ${client.escapeIdentifier(database)} TO ${name};
    GRANT ${roles.join(", ")} TO ${name};`);
}

/** What PostgreSQL keeps of a password (RFC 5803), so that the password itself is in no statement and no log of them. */
function verifier(password) {
  const [salt, iterations] = [randomBytes(16), 4_096];
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const keyed = (text) => createHmac("sha256", salted).update(text).digest();
  const stored = createHash("sha256").update(keyed("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${stored}:${keyed("Server Key").toString("base64")}`;
}
