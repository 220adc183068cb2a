import { createHash, randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { checkNode, generateClient, install } from "./install.mjs";
import { root } from "./root.mjs";

/**
 * Everything before serving: packages, keys, database, migrations, seed. Resolves with the environment to serve with,
 * the embedded database if there is one, and the set-up token if nobody has been made Owner yet.
 */
export async function prepare({ port }) {
  checkNode();
  process.umask(0o077);
  await install();
  const [{ keyEnvironment }, { ensureDatabase, startPostgres }, { migrate }, { run }, { default: pg }] =
    await Promise.all([
      import("./keys.mjs"),
      import("./embedded-postgres.mjs"),
      import("./migrate.mjs"),
      import("./run.mjs"),
      import("pg"),
    ]);
  const folder = resolve(root, process.env.POSTERN_DATA_DIR || ".postern");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await generateClient();
  const external = process.env.DATABASE_URL || null;
  const cluster = external ? null : await startPostgres(folder);
  try {
    const databaseUrl = external ?? (await ensureDatabase(cluster, "postern"));
    const demo = external ? process.env.POSTERN_DEMO === "1" : process.env.POSTERN_DEMO !== "0";
    const environment = {
      ...keyEnvironment(folder),
      DATABASE_URL: databaseUrl,
      POSTERN_URL: process.env.POSTERN_URL || `http://localhost:${port}`,
      POSTERN_DATA_DIR: folder,
      POSTERN_DEMO: demo ? "1" : "0",
    };
    await migrate(databaseUrl);
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    let setupToken = null;
    try {
      // Replicas that start at once: one seeds, the others wait and find it done.
      await client.query("SELECT pg_advisory_lock(7362432)");
      const { rows } = await client.query("SELECT seeded_at FROM installation");
      if (rows[0].seeded_at === null) {
        await clearUnfinishedSeed(client);
        console.log(
          demo
            ? "Making the demo organisation and ninety days of its history…"
            : "Installing the built-in roles…",
        );
        await run(process.execPath, ["--import", "tsx", "prisma/seed/seed.ts"], environment);
      }
      if (!demo) setupToken = await makeSetupToken(client);
    } finally {
      await client.end();
    }
    return { environment, cluster, folder, demo, setupToken };
  } catch (error) {
    await cluster?.stop();
    throw error;
  }
}

/** Nobody has used an installation whose seed did not finish: what it left, its log included, is begun again. */
async function clearUnfinishedSeed(client) {
  const { rows } = await client.query("SELECT count(*)::int AS count FROM principals");
  if (rows[0].count === 0) return;
  await client.query(`
    BEGIN;
    ALTER TABLE audit_events DISABLE TRIGGER USER;
    ALTER TABLE requests DISABLE TRIGGER USER;
    TRUNCATE audit_events, requests, assignments, eligibilities, role_management_policies, step_up_proofs,
      step_up_challenges, recovery_codes, totp_factors, sign_in_throttles, sessions, password_credentials,
      group_members, principals, resources, role_definitions;
    ALTER TABLE audit_events ENABLE TRIGGER USER;
    ALTER TABLE requests ENABLE TRIGGER USER;
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
