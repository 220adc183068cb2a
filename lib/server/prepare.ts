import { createHash, hkdfSync } from "node:crypto";
import type pg from "pg";
import { poolMode } from "@/lib/platform/connection-settings";
import { DatabaseClient } from "@/lib/platform/database-client";
import { log } from "@/lib/platform/log";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import { awaitsFirstOwner } from "@/lib/platform/sql/set-up-open";
import { beginSeeding } from "@/lib/server/database/begin-seeding";
import { connectionFault } from "@/lib/server/database/connection-fault";
import { ownLogins } from "@/lib/server/database/database-logins";
import { ensureDatabase, type PostgresCluster, startPostgres } from "@/lib/server/database/embedded-postgres";
import { encryptionKeys, otherSessionSecret, sessionSecret } from "@/lib/server/database/kept-secrets";
import { migrate } from "@/lib/server/database/migrate";
import { oneRow } from "@/lib/server/database/one-row";
import { settingsFault } from "@/lib/server/database/passed-settings";
import { checkNotRestoring } from "@/lib/server/database/restoring-folder";
import {
  hostsWithOtherSecrets,
  type SessionFingerprints,
  sessionFingerprints,
} from "@/lib/server/database/session-fingerprints";
import { demoPeople, wantsDemoProvider } from "@/lib/server/demo-provider";
import type { DemoPerson } from "@/lib/server/demo-provider-pages";
import { compiled } from "@/scripts/parts/compile.mjs";
import { run } from "@/scripts/parts/run.mjs";

interface Wanted {
  /** This process's environment. */
  readonly source: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly port: number;
  /** Whether to run a worker. */
  readonly works: boolean;
  readonly onCluster: (cluster: PostgresCluster) => void;
  readonly onGone: (reason: string) => void;
}

/** What the serving process and the worker need to know. */
export interface Prepared {
  readonly servingUrl: string;
  readonly workingUrl: string;
  /** Whether these are Postern's own logins. */
  readonly ownLogins: boolean;
  readonly publicUrl: string;
  /** Whether Postern also answers under this machine's names and addresses. */
  readonly localHosts: boolean;
  readonly sessionSecret: string;
  /** Opens what the previous secret sealed, while the secret is being changed. */
  readonly otherSessionSecret: string | undefined;
  /** By what its worker tells others which session secrets this replica has. */
  readonly sessionFingerprints: SessionFingerprints;
  readonly encryptionKeys: string;
  readonly demo: boolean;
  /** The people who can sign in at the demo's identity provider; null if there is none. */
  readonly demoPeople: readonly DemoPerson[] | null;
  /** Null once there is an Owner. */
  readonly setupToken: string | null;
}

/**
 * Everything between installing and serving: database, migrations, keys, seed, and the worker's queues.
 * `onCluster` is called with the embedded database, if there is one, as soon as it runs. `onGone` is called if
 * it ended by itself and could not be started again.
 */
export async function prepare({ source, folder, port, works, onCluster, onGone }: Wanted): Promise<Prepared> {
  const external = source.DATABASE_URL || null;
  const demo = external ? source.POSTERN_DEMO === "1" : source.POSTERN_DEMO !== "0";
  const withDemoProvider = wantsDemoProvider(source, demo);
  const databaseUrl = external ?? (await embeddedDatabase(folder, onCluster, onGone));
  const publicUrl = source.POSTERN_URL || `http://localhost:${port}`;
  // It would replace the options of Postern's connections, the application's role among them.
  if (URL.canParse(databaseUrl) && new URL(databaseUrl).searchParams.has("options"))
    throw new Error("DATABASE_URL must not set options: Postern sets its own.");
  const client = new DatabaseClient({ connectionString: databaseUrl });
  await connect(client);
  try {
    const fault = external ? await settingsFault(databaseUrl) : null;
    if (fault)
      throw new Error(
        `The settings of Postern's connections do not reach the database at DATABASE_URL (${fault.fault}): a pooler seems to stand between. ${fault.todo}`,
      );
    await migrate(databaseUrl);
    // If replicas start at the same time, one seeds. The others wait and find it done.
    await client.query("SELECT pg_advisory_lock($1)", [advisoryLocks.preparation]);
    if (poolMode(databaseUrl) !== null) await needOwnLogins(client, databaseUrl);
    const keys = await encryptionKeys(folder, client, {
      external: external !== null,
      given: source.POSTERN_ENCRYPTION_KEYS,
    });
    const secret = sessionSecret(folder, source.POSTERN_SESSION_SECRET);
    const otherSecret = otherSessionSecret(folder, source);
    if (await beginSeeding(client)) {
      console.log(
        demo
          ? "Making the demo organisation and ninety days of its history…"
          : "Installing the built-in roles…",
      );
      await run(process.execPath, [compiled("seed")], {
        DATABASE_URL: databaseUrl,
        POSTERN_URL: publicUrl,
        POSTERN_DATA_DIR: folder,
        POSTERN_DEMO: demo ? "1" : "0",
        POSTERN_SESSION_SECRET: secret,
        POSTERN_ENCRYPTION_KEYS: keys,
      });
    }
    if (!demo && source.POSTERN_SETUP_EMAIL) await makeOwner(client, databaseUrl);
    const setupToken = demo ? null : await makeSetupToken(client, secret);
    const [own] = await Promise.all([
      ownLogins(client, databaseUrl),
      works ? run(process.execPath, [compiled("prepareQueues")], { DATABASE_URL: databaseUrl }) : null,
    ]);
    if (own.reason)
      console.log(
        `Postern connects as the owner of its tables and acts as postern_app: ${own.reason}. See docs/decisions/database-logins.md.`,
      );
    const fingerprints = await sessionFingerprints(client, [secret, otherSecret]);
    await warnOfOtherSecrets(client, fingerprints);
    return {
      servingUrl: own.serving ?? databaseUrl,
      workingUrl: own.working ?? databaseUrl,
      ownLogins: own.reason === null,
      publicUrl,
      localHosts: !source.POSTERN_URL,
      sessionSecret: secret,
      otherSessionSecret: otherSecret,
      sessionFingerprints: fingerprints,
      encryptionKeys: keys,
      demo,
      demoPeople: withDemoProvider ? await demoPeople(client) : null,
      setupToken,
    };
  } finally {
    await client.end();
  }
}

/** Says which running replicas do not share this one's session secret. It may be right for them, so this one starts. */
async function warnOfOtherSecrets(client: pg.Client, own: SessionFingerprints): Promise<void> {
  const hosts = await hostsWithOtherSecrets(client, own);
  if (hosts.length > 0)
    log().warn(
      `POSTERN_SESSION_SECRET is another one here than on ${hosts.join(", ")}: people who sign in at one replica are signed out by the other. Set it alike on every replica.`,
    );
}

async function embeddedDatabase(
  folder: string,
  onCluster: Wanted["onCluster"],
  onGone: Wanted["onGone"],
): Promise<string> {
  checkNotRestoring(folder);
  const cluster = await startPostgres(folder, { onGone });
  onCluster(cluster);
  return ensureDatabase(cluster, "postern");
}

/** Connects. Throws one line if the database cannot be reached or is too old. */
async function connect(client: pg.Client): Promise<void> {
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    throw new Error(`The database at DATABASE_URL cannot be reached: ${connectionFault(error)}.`);
  }
  const version = await oneRow<{ server_version_num: string }>(client, "SHOW server_version_num");
  if (Number(version.server_version_num) < 150_000) {
    await client.end();
    throw new Error(
      `Postern needs PostgreSQL 15 or later, and DATABASE_URL leads to ${Math.floor(Number(version.server_version_num) / 10_000)}: upgrade that server (pg_upgrade), or name another.`,
    );
  }
}

/**
 * Throws one line if Postern has no logins of its own. Through a pooler, only a setting would keep the owner's
 * connections from using the owner's rights, and the pooler could lose it.
 */
async function needOwnLogins(client: pg.Client, databaseUrl: string): Promise<void> {
  const { reason } = await ownLogins(client, databaseUrl);
  if (reason !== null)
    throw new Error(
      `Through a pooler Postern needs logins of its own: ${reason}. Let the pooler ask the database for passwords (auth_query), so that it knows them (docs/production.md).`,
    );
}

/** Creates the first Owner of an unattended set-up, without a password, unless there is any access yet. */
async function makeOwner(client: pg.Client, databaseUrl: string): Promise<void> {
  const { used } = await oneRow<{ used: boolean }>(client, "SELECT EXISTS (SELECT FROM assignments) AS used");
  if (used) return;
  await run(process.execPath, [compiled("setUpOwner")], {
    DATABASE_URL: databaseUrl,
  });
}

/**
 * The token of the set-up page, while there is no Owner or only one without a password. It is valid until it is
 * used. Every replica and every start makes the same one, from the session secret that they share. Only hashes
 * are stored, the newest twenty.
 */
async function makeSetupToken(client: pg.Client, secret: string): Promise<string | null> {
  const { open, seededAt } = await oneRow<{ open: boolean; seededAt: Date }>(
    client,
    `SELECT seeded_at AS "seededAt", ${awaitsFirstOwner} AS open FROM installation`,
  );
  if (!open) return null;
  const made = hkdfSync("sha256", secret, seededAt.toISOString(), "postern set-up address", 24);
  const token = Buffer.from(made).toString("base64url");
  await client.query(
    "UPDATE installation SET setup_token_hashes = (array_prepend($1::bytea, array_remove(setup_token_hashes, $1)))[:20]",
    [createHash("sha256").update(token).digest()],
  );
  return token;
}
