import { randomBytes } from "node:crypto";
import { renameSync, writeFileSync } from "node:fs";

/** Replaces a file that only its owner may read. It has either the old or the new content, whenever this is interrupted. */
export function replaceKept(path: string, content: string): void {
  const fresh = `${path}.${randomBytes(6).toString("hex")}`;
  writeFileSync(fresh, content, { mode: 0o600, flush: true });
  renameSync(fresh, path);
}
