import { type Configuration, readConfiguration } from "@/lib/platform/configuration";
import { type Database, openDatabase } from "@/lib/platform/database";

interface Application {
  readonly configuration: Configuration;
  readonly database: Database;
}

// One pool a process, also across the module reloads of development.
const held = globalThis as typeof globalThis & { posternApplication?: Application };

/** The serving process's configuration and database, opened on first use. Tests and scripts open their own. */
export function application(): Application {
  held.posternApplication ??= open();
  return held.posternApplication;
}

function open(): Application {
  const configuration = readConfiguration();
  return { configuration, database: openDatabase({ url: configuration.databaseUrl }) };
}
