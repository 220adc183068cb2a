import pg from "pg";
import { connectionFault } from "@/lib/server/database/connection-fault";

/**
 * Why connections through an address do not have the settings that Postern gives them (`openDatabase`); null if they do. A
 * pooler refuses them or drops them: then nothing would say as which role a statement runs, or end one that runs for ever.
 */
export async function settingsFault(databaseUrl: string): Promise<string | null> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 10_000,
    // A value that nobody would set otherwise.
    options: "-c search_path=public -c statement_timeout=29999",
  });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query("SELECT current_setting('statement_timeout') AS arrived");
    return rows[0]?.arrived === "29999ms" ? null : "what stands between drops them";
  } catch (error) {
    return connectionFault(error);
  } finally {
    await client.end().catch(() => {});
  }
}

export const withoutPooler =
  "Let DATABASE_URL lead to PostgreSQL itself: Postern keeps pools of its own (docs/production.md).";
