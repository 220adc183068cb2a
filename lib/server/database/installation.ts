import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { root } from "@/scripts/parts/root.mjs";

/** What commands that run beside a Postern need of it. They have the environment with which it was started. */
export interface Installation {
  readonly folder: string;
  readonly embedded: boolean;
  /** The address of the database, as its owner. Throws one line if the embedded one does not run. */
  databaseUrl(): string;
  /** `POSTERN_ENCRYPTION_KEYS`, or the keys that the first start made. Throws one line without either. */
  encryptionKeys(): string;
  /** The same for the session secret. */
  sessionSecret(): string;
}

/** The installation that an environment names. Nothing is read until it is needed. */
export function installationOf(source: Readonly<Record<string, string | undefined>>): Installation {
  const folder = resolve(root, source.POSTERN_DATA_DIR || ".postern");
  const kept = (file: string, setting = "DATABASE_URL"): string => {
    const path = join(folder, file);
    if (existsSync(path)) return readFileSync(path, "utf8").trim();
    throw new Error(
      source.DATABASE_URL
        ? `${setting} is not set: give what Postern is started with, and is the same on every replica.`
        : `${path} is missing: set POSTERN_DATA_DIR, or DATABASE_URL.`,
    );
  };
  const embeddedUrl = () => {
    const home = existsSync(join(folder, "postgres-moved-to")) ? kept("postgres-moved-to") : folder;
    const running = join(home, "postgres", "postmaster.pid");
    if (!existsSync(running)) throw new Error("Postern does not run: start it, or set DATABASE_URL.");
    const port = readFileSync(running, "utf8").split("\n")[3];
    return `postgresql://postgres:${kept("postgres-password")}@127.0.0.1:${port}/postern`;
  };
  return {
    folder,
    embedded: !source.DATABASE_URL,
    databaseUrl: () => source.DATABASE_URL || embeddedUrl(),
    encryptionKeys: () =>
      source.POSTERN_ENCRYPTION_KEYS || kept("encryption-keys", "POSTERN_ENCRYPTION_KEYS"),
    sessionSecret: () => source.POSTERN_SESSION_SECRET || kept("session-secret", "POSTERN_SESSION_SECRET"),
  };
}
