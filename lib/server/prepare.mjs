import { createHash, randomBytes } from "node:crypto";
import { dataFolder, holdDataFolder } from "../../scripts/parts/data-folder.mjs";
import { checkNode, generateClient, install } from "../../scripts/parts/install.mjs";
import { checkPort } from "../../scripts/parts/port.mjs";

/**
 * Everything before serving: packages, database, migrations, keys, seed, and for the worker (`works`) its queues. Resolves
 * with what the serving process and the worker are to know, and the set-up token if nobody has been made Owner yet.
 * `onCluster` is given the embedded database, if there is one, as soon as it runs; `onGone` hears when it ended by itself
 * and could not be started again.
 */
export async function prepare({ port, works, onCluster, onGone }) {
  checkNode();
  process.umask(0o077);
  const external = process.env.DATABASE_URL || null;
  const folder = dataFolder();
  if (!external) process.once("exit", await holdDataFolder(folder));
  await checkPort(port);
  await install();
  const [
    { encryptionKeys, sessionSecret },
    { ensureDatabase, startPostgres },
    { migrate },
    { beginSeeding },
    { ownLogins },
    { run },
    { default: pg },
  ] = await Promise.all([
    import("./database/kept-secrets.mjs"),
    import("./database/embedded-postgres.mjs"),
    import("./database/migrate.mjs"),
    import("./database/begin-seeding.mjs"),
    import("./database/database-logins.mjs"),
    import("../../scripts/parts/run.mjs"),
    import("pg"),
  ]);
  await generateClient();
  const cluster = external ? null : await startPostgres(folder, { onGone });
  if (cluster) onCluster(cluster);
  const databaseUrl = external ?? (await ensureDatabase(cluster, "postern"));
  const demo = external ? process.env.POSTERN_DEMO === "1" : process.env.POSTERN_DEMO !== "0";
  const publicUrl = process.env.POSTERN_URL || `http://localhost:${port}`;
  if (!URL.canParse(publicUrl) || !/^https?:$/.test(new URL(publicUrl).protocol))
    throw new Error(
      `POSTERN_URL is ${publicUrl}: set it to the address that people use, with http or https.`,
    );
  // It would take the place of the options that connections are opened with, the application's role among them.
  if (URL.canParse(databaseUrl) && new URL(databaseUrl).searchParams.has("options"))
    throw new Error("DATABASE_URL must not set options: Postern sets its own.");
  const client = new pg.Client({ connectionString: databaseUrl });
  await connect(client);
  try {
    await migrate(databaseUrl);
    // Replicas that start at once: one seeds, the others wait and find it done.
    await client.query("SELECT pg_advisory_lock(7362432)");
    const keys = await encryptionKeys(folder, client, { external: external !== null });
    const secret = sessionSecret(folder);
    if (await beginSeeding(client)) {
      console.log(
        demo
          ? "Making the demo organisation and ninety days of its history…"
          : "Installing the built-in roles…",
      );
      await run(process.execPath, ["--import", "tsx", "prisma/seed/seed.ts"], {
        DATABASE_URL: databaseUrl,
        POSTERN_URL: publicUrl,
        POSTERN_DATA_DIR: folder,
        POSTERN_DEMO: demo ? "1" : "0",
        POSTERN_SESSION_SECRET: secret,
        POSTERN_ENCRYPTION_KEYS: keys,
      });
    }
    const setupToken = demo ? null : await makeSetupToken(client);
    const queues = ["--import", "tsx", "lib/server/worker/prepare-queues.ts"];
    const [own] = await Promise.all([
      ownLogins(client, databaseUrl),
      works ? run(process.execPath, queues, { DATABASE_URL: databaseUrl }) : null,
    ]);
    if (own.reason)
      console.log(
        `Postern connects as the owner of its tables and acts as postern_app: ${own.reason}. See docs/decisions/database-logins.md.`,
      );
    return {
      servingUrl: own.serving ?? databaseUrl,
      workingUrl: own.working ?? databaseUrl,
      ownLogins: own.reason === null,
      publicUrl,
      localHosts: !process.env.POSTERN_URL,
      sessionSecret: secret,
      encryptionKeys: keys,
      folder,
      demo,
      setupToken,
    };
  } finally {
    await client.end();
  }
}

/** Connects; throws one line when the database cannot be reached or is too old. */
async function connect(client) {
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    const reason = error.message || error.errors?.[0]?.message || error.code;
    throw new Error(`The database at DATABASE_URL cannot be reached: ${reason}.`);
  }
  const { rows } = await client.query("SHOW server_version_num");
  if (Number(rows[0].server_version_num) < 150_000) {
    await client.end();
    throw new Error("Postern needs PostgreSQL 15 or later; DATABASE_URL names an older one.");
  }
}

/**
 * While there is no Owner, each start makes another token for the set-up page, good until one of them is used; only
 * hashes are stored, and the newest twenty are.
 */
async function makeSetupToken(client) {
  const { rows } = await client.query("SELECT EXISTS (SELECT FROM assignments) AS used");
  if (rows[0].used) return null;
  const token = randomBytes(24).toString("base64url");
  await client.query(
    "UPDATE installation SET setup_token_hashes = (array_prepend($1::bytea, setup_token_hashes))[:20]",
    [createHash("sha256").update(token).digest()],
  );
  return token;
}
