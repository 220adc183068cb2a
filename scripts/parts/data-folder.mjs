import { accessSync, constants, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { errorCode } from "./fault.mjs";
import { holdLock } from "./lock-file.mjs";
import { root } from "./root.mjs";

const patienceMilliseconds = 8_000;

/** The data folder, made if it is not there. Throws one line when it cannot be written. */
export function dataFolder() {
  const folder = resolve(root, process.env.POSTERN_DATA_DIR || ".postern");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(
      `The data folder ${folder} cannot be written (${errorCode(error)}): set POSTERN_DATA_DIR to another.`,
    );
  }
  return folder;
}

/**
 * Keeps a second Postern off the same embedded database; waits a little for one that is ending.
 *
 * @param {string} folder
 * @param {number} [patience]
 */
export function holdDataFolder(folder, patience = patienceMilliseconds) {
  return holdLock(
    join(folder, "postern.pid"),
    patience,
    (pid) =>
      `Postern runs on ${folder} already (process ${pid}): end it first, or set POSTERN_DATA_DIR to another folder.`,
  );
}
