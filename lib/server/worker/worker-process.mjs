import { spawn } from "node:child_process";
import { root } from "../../../scripts/parts/root.mjs";

/** Nobody waits for the worker: it may collect its garbage more often, and keep 40 MB less (measured). */
const littleMemory = ["--max-semi-space-size=2", "--max-old-space-size=256"];
const longestPauseMilliseconds = 30_000;

/**
 * Starts the worker in a process of its own with this environment and nothing else of this process's, hands it the
 * encryption keys, and starts it again, with growing pauses, when it ends by itself. Returns a function that ends it and
 * waits. With `POSTERN_WORKER=0` there is none here, and another replica's does the work.
 */
export function startWorkerProcess({ environment, encryptionKeys }) {
  let child;
  let timer;
  let stopping = false;
  let pauseMilliseconds = 1_000;
  const start = () => {
    const startedAt = Date.now();
    // The channel tells the worker when this process is gone, however it ended.
    child = spawn(process.execPath, [...littleMemory, "--import", "tsx", "lib/server/worker/worker.ts"], {
      cwd: root,
      env: environment,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    child.send({ encryptionKeys }, () => {});
    child.once("error", (error) => console.error(`The worker could not start: ${error.message}`));
    child.once("exit", () => {
      child = undefined;
      if (stopping) return;
      if (Date.now() - startedAt > longestPauseMilliseconds) pauseMilliseconds = 1_000;
      console.error(`The worker ended by itself; starting it again in ${pauseMilliseconds / 1_000} s.`);
      timer = setTimeout(start, pauseMilliseconds);
      pauseMilliseconds = Math.min(pauseMilliseconds * 2, longestPauseMilliseconds);
    });
  };
  start();
  return async () => {
    stopping = true;
    clearTimeout(timer);
    if (!child) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  };
}
