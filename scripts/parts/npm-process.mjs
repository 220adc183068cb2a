import { readFileSync } from "node:fs";

const checkMilliseconds = 500;

/** @param {number} pid */
function parentOf(pid) {
  return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** The process that npm started, this one or a shell around it; null if npm did not, or the system does not show it. */
function startedByNpm() {
  if (!["start", "dev"].includes(process.env.npm_lifecycle_event ?? "")) return null;
  try {
    for (let pid = process.pid, generation = 0; generation < 3; generation += 1) {
      const parent = parentOf(pid);
      if (!(parent > 1)) return null;
      if (readFileSync(`/proc/${parent}/cmdline`, "utf8").startsWith("npm ")) return { pid, parent };
      pid = parent;
    }
  } catch {
    // No /proc on this system.
  }
  return null;
}

/**
 * Calls `stop` when npm is killed: it would leave its script running, which no terminal could end any more.
 *
 * @param {() => void} stop
 */
export function endWithNpm(stop) {
  const started = startedByNpm();
  if (started === null) return;
  const timer = setInterval(() => {
    let parent = null;
    try {
      parent = parentOf(started.pid);
    } catch {
      // It is gone itself.
    }
    if (parent === started.parent) return;
    clearInterval(timer);
    stop();
  }, checkMilliseconds);
  timer.unref();
}
