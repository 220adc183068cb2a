import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A value of the environment, or one made at the first start and kept in the data folder (mode 600). */
function kept(folder, file, given, make) {
  if (given) return given;
  const path = join(folder, file);
  if (!existsSync(path)) writeFileSync(path, make(), { mode: 0o600 });
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
