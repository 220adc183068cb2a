import { existsSync } from "node:fs";
import { join } from "node:path";

/** Where a restore creates the embedded database of a data folder until it is complete. */
export function restoringFolder(folder: string): string {
  return join(folder, "restoring");
}

/**
 * Throws one line if a restore of this data folder was interrupted, since a start would create an empty
 * installation instead.
 */
export function checkNotRestoring(folder: string): void {
  const unfinished = restoringFolder(folder);
  if (existsSync(unfinished))
    throw new Error(
      `A restore was cut off, so nothing is started: run npm run restore again, or delete ${unfinished} to go without it.`,
    );
}
