import { createHash, randomBytes } from "node:crypto";
import { dataFolder, holdDataFolder } from "./data-folder.mjs";
import { checkNode, generateClient, install } from "./install.mjs";
import { checkPort } from "./port.mjs";

/**
 * Everything before serving: packages, keys, database, migrations, seed. Resolves with the environment to serve with,
 * and the set-up token if nobody has been made Owner yet. `onCluster` is given the embedded database, if there is one, as
 * soon as it runs; `onGone` hears when it ended by itself and could not be started again.
 */
export async function prepare({ port, onCluster, onGone }) {
  checkNode();
  process.umask(0o077);
  const external = process.env.DATABASE_URL || null;
  const folder = dataFolder();
  if (!external) process.once("exit", await holdDataFolder(folder));
  await checkPort(port);
  await install();
  const [{ keyEnvironment }, { ensureDatabase, startPostgres }, { migrate }, { run }, { default: pg }] =
    await Promise.all([
      import("./keys.mjs"),
      import("./embedded-postgres.mjs"),
      import("./migrate.mjs"),
      import("./run.mjs"),
      import("pg"),
    ]);
  await generateClient();
  const cluster = external ? null : await startPostgres(folder, { onGone });
  if (cluster) onCluster(cluster);
  const databaseUrl = external ?? (await ensureDatabase(cluster, "postern"));
  const demo = external ? process.env.POSTERN_DEMO === "1" : process.env.POSTERN_DEMO !== "0";
  const environment = {
    ...keyEnvironment(folder),
    DATABASE_URL: databaseUrl,
    POSTERN_URL: process.env.POSTERN_URL || `http://localhost:${port}`,
    POSTERN_DATA_DIR: folder,
    POSTERN_DEMO: demo ? "1" : "0",
  };
  const client = new pg.Client({ connectionString: databaseUrl });
  await connect(client);
  try {
    await migrate(databaseUrl);
    // Replicas that start at once: one seeds, the others wait and find it done.
    await client.query("SELECT pg_advisory_lock(7362432)");
    const { rows } = await client.query("SELECT seeded_at FROM installation");
    if (rows[0].seeded_at === null) {
      // A seed whose start was killed holds this until it has noticed.
      await client.query("SELECT pg_advisory_lock(7362434)");
      await clearUnfinishedSeed(client);
      await client.query("SELECT pg_advisory_unlock(7362434)");
      console.log(
        demo
          ? "Making the demo organisation and ninety days of its history…"
          : "Installing the built-in roles…",
      );
      await run(process.execPath, ["--import", "tsx", "prisma/seed/seed.ts"], environment);
    }
    const setupToken = demo ? null : await makeSetupToken(client);
    return { environment, folder, demo, setupToken };
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
 * Nobody has used an installation whose seed did not finish: what it left, its log included, is begun again. Empties
 * what everything else rests on and, with it, every table that refers to it.
 */
async function clearUnfinishedSeed(client) {
  const { rows } = await client.query(
    "SELECT EXISTS (SELECT FROM principals) OR EXISTS (SELECT FROM role_definitions) AS begun",
  );
  if (!rows[0].begun) return;
  const guarded = await client.query(`
    SELECT DISTINCT format('%I', c.relname) AS name
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgtype & 32 <> 0 AND c.relnamespace = 'public'::regnamespace`);
  const switched = (state) =>
    guarded.rows.map(({ name }) => `ALTER TABLE ${name} ${state} TRIGGER USER;`).join("\n");
  await client.query(`
    BEGIN;
    ${switched("DISABLE")}
    TRUNCATE audit_events, sign_in_throttles, principals, resources, role_definitions CASCADE;
    ${switched("ENABLE")}
    COMMIT;`);
}

/** While there is no Owner, each start makes a new one-time token for the set-up page; only its hash is stored. */
async function makeSetupToken(client) {
  const { rows } = await client.query("SELECT EXISTS (SELECT FROM assignments) AS used");
  if (rows[0].used) return null;
  const token = randomBytes(24).toString("base64url");
  await client.query("UPDATE installation SET setup_token_hash = $1", [
    createHash("sha256").update(token).digest(),
  ]);
  return token;
}
