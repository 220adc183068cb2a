import type pg from "pg";

/** PostgreSQL settings that a connection has from its beginning, by name. */
type ConnectionSettings = Readonly<Record<string, string>>;

/**
 * The parameter `pool_mode` in the address of a database, which describes a pooler in front of it. Only Postern
 * reads it.
 */
export function poolMode(url: string): string | null {
  return URL.canParse(url) ? new URL(url).searchParams.get("pool_mode") : null;
}

/** The statement that sets them on an open connection. */
export function settingStatement(settings: ConnectionSettings): string {
  // The role comes last, since what comes before it is set as the login.
  const all = Object.entries(settings).sort(
    ([one], [other]) => Number(one === "role") - Number(other === "role"),
  );
  const calls = all.map(([name, value]) => `set_config('${name}', '${value.replaceAll("'", "''")}', false)`);
  return `SELECT ${calls.join(", ")}`;
}

function startupOptions(settings: ConnectionSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(/([\\ ])/g, "\\$1")}`)
    .join(" ");
}

/**
 * How each connection of a pool gets its settings: as it opens, without a round trip. A pooler accepts none at
 * that time. So through a pooler that keeps a connection for each session they are set by a statement, before
 * anybody else uses the connection.
 */
export function connectionSettings(url: string, settings: ConnectionSettings) {
  if (poolMode(url) === null) return { options: startupOptions(settings) };
  return {
    async onConnect(client: pg.ClientBase) {
      await client.query(settingStatement(settings));
    },
  };
}
