import { randomInt } from "node:crypto";
import type pg from "pg";
import { poolMode, settingStatement } from "@/lib/platform/connection-settings";
import { DatabaseClient } from "@/lib/platform/database-client";
import { connectionFault } from "@/lib/server/database/connection-fault";

/** Why connections through an address are not as Postern needs them, and what to do; null if they are. */
interface SettingsFault {
  readonly fault: string;
  readonly todo: string;
}

const patienceMilliseconds = 10_000;
const withoutPooler =
  "Let DATABASE_URL lead to PostgreSQL itself, or, through a pooler that keeps a connection for each session, add pool_mode=session to it (docs/production.md).";
const sessionPooling =
  "Set the pooler to pool_mode = session with server_reset_query = DISCARD ALL for this database, or let DATABASE_URL lead to PostgreSQL itself (docs/production.md).";
const othersThanSession: SettingsFault = {
  fault: "DATABASE_URL has a pool_mode other than session",
  todo: "Postern holds locks, listens and keeps plans for as long as a session lasts: let it be session, or leave it out.",
};

async function opened(databaseUrl: string, options?: string): Promise<pg.Client> {
  const client = new DatabaseClient({
    connectionString: databaseUrl,
    connectionTimeoutMillis: patienceMilliseconds,
    options,
  });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/**
 * Whether connections through an address have the settings that Postern gives them (`connectionSettings`), and
 * keep them. A pooler may refuse or drop them. Then nothing would set the role of a statement, or end one that
 * runs for ever.
 */
export async function settingsFault(databaseUrl: string): Promise<SettingsFault | null> {
  const mode = poolMode(databaseUrl);
  if (mode !== null && mode !== "session") return othersThanSession;
  try {
    const fault = await (mode === null ? droppedSettings(databaseUrl) : sharedSession(databaseUrl));
    return fault === null ? null : { fault, todo: mode === null ? withoutPooler : sessionPooling };
  } catch (error) {
    return { fault: connectionFault(error), todo: mode === null ? withoutPooler : sessionPooling };
  }
}

/** What happens to settings that are sent as a connection opens; null if they arrive. */
async function droppedSettings(databaseUrl: string): Promise<string | null> {
  // A value that nobody would set otherwise.
  const client = await opened(databaseUrl, "-c search_path=public -c statement_timeout=29999");
  try {
    const { rows } = await client.query("SELECT current_setting('statement_timeout') AS arrived");
    return rows[0]?.arrived === "29999ms" ? null : "something in between drops them";
  } finally {
    await client.end().catch(() => {});
  }
}

/** How often two sessions take turns. A pooler that shares a connection gives it to the other within two turns. */
const turns = 6;

/** Evidence that sessions share a connection, at once or one after another; null if there is none. */
async function sharedSession(databaseUrl: string): Promise<string | null> {
  const wanted = String(randomInt(20_000, 29_999));
  const [one, other] = [await opened(databaseUrl), await opened(databaseUrl)];
  const stateOf = async (client: pg.Client) => {
    const { rows } = await client.query<{ pid: number; timeout: string }>(
      "SELECT pg_backend_pid() AS pid, (SELECT setting FROM pg_settings WHERE name = 'statement_timeout') AS timeout",
    );
    return rows[0];
  };
  try {
    await one.query(settingStatement({ statement_timeout: wanted }));
    const first = await stateOf(one);
    for (let turn = 0; turn < turns; turn += 1) {
      const own = await stateOf(one);
      const others = await stateOf(other);
      if (own?.pid !== first?.pid || own?.timeout !== wanted || others?.pid === first?.pid)
        return "something in between shares a connection among sessions (transaction or statement pooling)";
    }
  } finally {
    await Promise.all([one, other].map((client) => client.end().catch(() => {})));
  }
  // Both get a connection that was just released, in whichever order.
  const next = [await opened(databaseUrl), await opened(databaseUrl)];
  try {
    const states = [];
    for (const client of next) states.push(await stateOf(client));
    return states.some((state) => state?.timeout === wanted)
      ? "something in between passes on a connection with the settings of the session before"
      : null;
  } finally {
    await Promise.all(next.map((client) => client.end().catch(() => {})));
  }
}
