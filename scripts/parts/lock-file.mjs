import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { errorCode } from "./fault.mjs";

/**
 * The process that a lock file names, if it still runs and is one of ours; null otherwise.
 *
 * @param {string} path
 */
function holder(path) {
  /** @type {number | undefined} */
  let pid;
  try {
    pid = Number(readFileSync(path, "utf8"));
    if (!(pid > 0) || pid === process.pid) return null;
    process.kill(pid, 0);
  } catch (error) {
    if (pid === undefined || errorCode(error) !== "EPERM") return null;
  }
  try {
    // The number may belong to another program by now, for example after a restart of a container.
    return /(^|[/\0])(start|dev|build|test|bench|model|model-faults|mutation|generate-client|backup|restore|doctor|keys|owner-pass|install)\.mjs(\0|$)/.test(
      readFileSync(`/proc/${pid}/cmdline`, "utf8"),
    )
      ? pid
      : null;
  } catch {
    return pid;
  }
}

/**
 * Holds a lock file for this process; waits for another's up to `patience` milliseconds and then throws what `message`
 * makes of its process id. A file whose process is gone counts for nothing. Returns a function that lets go.
 *
 * @param {string} path
 * @param {number} patience
 * @param {(pid: number) => string} message
 */
export async function holdLock(path, patience, message) {
  const own = `${path}.${process.pid}`;
  const until = Date.now() + patience;
  try {
    writeFileSync(own, String(process.pid));
  } catch (error) {
    const code = errorCode(error);
    if (code !== "EACCES" && code !== "EROFS") throw error;
    throw new Error(
      `${dirname(path)} cannot be written (${code}), and what Postern runs from has to be made there: start it once as a user who may write there.`,
    );
  }
  try {
    for (;;) {
      try {
        linkSync(own, path);
        break;
      } catch (error) {
        if (errorCode(error) !== "EEXIST") throw error;
      }
      const pid = holder(path);
      if (pid === null) rmSync(path, { force: true });
      else if (Date.now() > until) throw new Error(message(pid));
      else await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => rmSync(path, { force: true });
}
