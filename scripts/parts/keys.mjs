import { randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A value of the environment, or one made at the first start and kept in the data folder (mode 600). It appears there
 * whole or not at all, and of two starts at once the first one's counts.
 */
function kept(folder, file, given, make) {
  if (given) return given;
  const path = join(folder, file);
  if (!existsSync(path)) {
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, make(), { mode: 0o600 });
    try {
      linkSync(unfinished, path);
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    } finally {
      rmSync(unfinished);
    }
  }
  return readFileSync(path, "utf8").trim();
}

/** The session secret and the encryption keys, as the application's environment. */
export function keyEnvironment(folder) {
  return {
    POSTERN_SESSION_SECRET: kept(folder, "session-secret", process.env.POSTERN_SESSION_SECRET, () =>
      randomBytes(48).toString("base64url"),
    ),
    POSTERN_ENCRYPTION_KEYS: kept(
      folder,
      "encryption-keys",
      process.env.POSTERN_ENCRYPTION_KEYS,
      () => `k1:${randomBytes(32).toString("hex")}`,
    ),
  };
}
