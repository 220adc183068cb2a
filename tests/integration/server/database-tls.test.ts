import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDatabase } from "@/lib/platform/database";
import { listenForNotifications } from "@/lib/platform/notification-listener";
import { ownLogins } from "@/lib/server/database/database-logins";
import { ensureDatabase, startPostgres } from "@/lib/server/database/embedded-postgres";
import { migrate } from "@/lib/server/database/migrate";
import { settingsFault } from "@/lib/server/database/passed-settings";
import { certificateFor } from "../../support/peers/certificate";

// A PostgreSQL with TLS and a certificate for its address, signed by an authority that is not trusted
// otherwise.
let folder: string;
let cluster: Awaited<ReturnType<typeof startPostgres>>;
let plain: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "postern-tls-"));
  cluster = await startPostgres(join(folder, "database"), { durable: false });
  plain = await ensureDatabase(cluster, "postern");
  const [right, other] = [await certificateFor("127.0.0.1"), await certificateFor("127.0.0.1")];
  const named = await certificateFor("db.example.com");
  for (const [name, text] of [
    ["certificate", right.certificate],
    ["key", right.key],
    ["authority", right.authority],
    ["other", other.authority],
    ["named-certificate", named.certificate],
    ["named-key", named.key],
    ["named-authority", named.authority],
  ] as const)
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  await serve("");
});
afterAll(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Lets the database show this certificate from now on. */
async function serve(prefix: string): Promise<void> {
  await asOwner(
    "ALTER SYSTEM SET ssl = on",
    `ALTER SYSTEM SET ssl_cert_file = '${join(folder, `${prefix}certificate`)}'`,
    `ALTER SYSTEM SET ssl_key_file = '${join(folder, `${prefix}key`)}'`,
    "SELECT pg_reload_conf()",
  );
}

async function asOwner(...statements: string[]) {
  const client = new pg.Client({ connectionString: plain });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

const verified = (authority = "authority") => {
  const url = new URL(plain);
  url.hostname = "127.0.0.1";
  url.searchParams.set("sslmode", "verify-full");
  url.searchParams.set("sslrootcert", join(folder, authority));
  return url.href;
};

it("every connection that is made of an address with verify-full is encrypted and knows whom it speaks to", async () => {
  await expect.poll(() => settingsFault(verified()), { timeout: 60_000 }).toBeNull();
  await migrate(verified());
  const owner = new pg.Client({ connectionString: verified() });
  await owner.connect();
  const logins = await ownLogins(owner, verified());
  if (logins.serving === null) throw new Error(logins.reason);
  const database = openDatabase({ url: logins.serving });
  const notifications = listenForNotifications(logins.serving);
  try {
    notifications.subscribe("01890a5d-ac96-774b-bcce-b302099a8057", () => {});
    await database.client.$queryRaw`SELECT 1`;
    await database.reads.$queryRaw`SELECT 1`;
    const encrypted = async () => {
      const { rows } = await owner.query(
        `SELECT usename LIKE 'postern_serving_%' AS serves, ssl, application_name AS name
         FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
         WHERE datname = current_database() AND backend_type = 'client backend'`,
      );
      const serving = rows.filter(({ serves }) => serves);
      return {
        listens: serving.some(({ name }) => name === "postern-notifications"),
        several: serving.length >= 3,
        plain: rows.filter(({ ssl }) => !ssl).length,
      };
    };
    await expect.poll(encrypted, { timeout: 60_000 }).toEqual({ listens: true, several: true, plain: 0 });
  } finally {
    await Promise.all([notifications.close(), database.close(), owner.end()]);
  }
});

it("another authority's certificate is refused, and one for another name", async () => {
  expect((await settingsFault(verified("other")))?.fault).toMatch(/certificate/);
  await serve("named-");
  await expect
    .poll(() => settingsFault(verified("named-authority")).then((found) => found?.fault), { timeout: 60_000 })
    .toMatch(/does not match|altnames/);
});
