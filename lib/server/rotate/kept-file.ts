import { randomBytes } from "node:crypto";
import { renameSync, writeFileSync } from "node:fs";

/** Replaces a file that only its owner may read. It has the former content or the new one, whenever this is cut off. */
export function replaceKept(path: string, content: string): void {
  const fresh = `${path}.${randomBytes(6).toString("hex")}`;
  writeFileSync(fresh, content, { mode: 0o600, flush: true });
  renameSync(fresh, path);
}
