import type pg from "pg";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import { oneRow } from "@/lib/server/database/one-row";

/**
 * Whether to seed this installation now: only if it is empty, or if everything in it comes from a seed that
 * began on an empty database and did not finish. The rest of such a seed is deleted here. Throws if the
 * database contains anything else. Called as the owner of the tables, by one start at a time.
 */
export async function beginSeeding(client: pg.Client): Promise<boolean> {
  // If a start is killed during its seed, its lock is held until the database notices.
  await client.query("SELECT pg_advisory_lock($1)", [advisoryLocks.seeding]);
  try {
    const { seeded, interrupted, filled } = await oneRow<{
      seeded: boolean;
      interrupted: boolean;
      filled: boolean;
    }>(
      client,
      `
      SELECT seeded_at IS NOT NULL AS seeded, seeding_since IS NOT NULL AS interrupted,
        EXISTS (SELECT FROM principals) OR EXISTS (SELECT FROM role_definitions) OR EXISTS (SELECT FROM resources)
          OR EXISTS (SELECT FROM audit_events) AS filled
      FROM installation`,
    );
    if (seeded) return false;
    if (filled && !interrupted)
      throw new Error(
        "The database holds data but says that it was never set up, so nothing is done to it: use an empty database, or put its installation row right.",
      );
    if (filled) await clear(client);
    await client.query("UPDATE installation SET seeding_since = clock_timestamp()");
    return true;
  } finally {
    await client.query("SELECT pg_advisory_unlock($1)", [advisoryLocks.seeding]);
  }
}

/** The tables that migrations and starts fill. A seed adds nothing to them. */
const filledBefore = [
  "_prisma_migrations",
  "installation",
  "sign_in_rules",
  "alert_scans",
  "alert_scan_state",
  "encryption_keys",
  "look_alikes",
  "own_resource_types",
];

/** Empties every other table, the log included. */
async function clear(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string; guarded: boolean }>(
    `SELECT format('%I', c.relname) AS name, EXISTS (
        SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgtype & 32 <> 0) AS guarded
     FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> ALL ($1)`,
    [filledBefore],
  );
  const switched = (state: "DISABLE" | "ENABLE") =>
    rows.map(({ name, guarded }) => (guarded ? `ALTER TABLE ${name} ${state} TRIGGER USER;` : "")).join("");
  await client.query(`
    BEGIN;
    ${switched("DISABLE")}
    TRUNCATE ${rows.map(({ name }) => name).join(", ")};
    ${switched("ENABLE")}
    COMMIT;`);
}
