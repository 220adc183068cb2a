import { type ChildProcess, spawn } from "node:child_process";
import { log } from "@/lib/platform/log";
import { patience, type Reading, readingsOf } from "@/lib/server/metrics/readings";
import { compiled } from "@/scripts/parts/compile.mjs";
import { root } from "@/scripts/parts/root.mjs";

/** Nobody waits for the worker, so it may collect garbage more often and use 40 MB less (measured). */
const littleMemory = ["--max-semi-space-size=2", "--max-old-space-size=256"];
const longestPauseMilliseconds = 30_000;

/**
 * Starts the worker in a process of its own, with this environment and nothing else of this process's. Hands it the
 * encryption keys, and by what others tell the session secrets. Starts it again, with growing pauses, if it ends by
 * itself. Returns what stops it and waits, and what reads what it has counted. With `POSTERN_WORKER=0` there is none
 * here, and another replica's does the work.
 */
export function startWorkerProcess({
  environment,
  encryptionKeys,
  sessionFingerprints,
}: {
  readonly environment: NodeJS.ProcessEnv;
  readonly encryptionKeys: string;
  readonly sessionFingerprints: readonly Buffer[];
}): { readonly stop: () => Promise<void>; readonly readings: () => Promise<readonly Reading[] | null> } {
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let pauseMilliseconds = 1_000;
  const start = () => {
    const startedAt = Date.now();
    // The channel tells the worker that this process has ended, however that happened.
    const started = spawn(process.execPath, [...littleMemory, compiled("worker")], {
      cwd: root,
      env: environment,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    child = started;
    const sessionSecrets = sessionFingerprints.map((each) => each.toString("hex"));
    started.send({ encryptionKeys, sessionSecrets }, () => {});
    started.once("error", (error) => log().error(`The worker could not start: ${error.message}`));
    started.once("exit", () => {
      child = undefined;
      if (stopping) return;
      if (Date.now() - startedAt > longestPauseMilliseconds) pauseMilliseconds = 1_000;
      log().error(`The worker ended by itself; starting it again in ${pauseMilliseconds / 1_000} s.`);
      timer = setTimeout(start, pauseMilliseconds);
      pauseMilliseconds = Math.min(pauseMilliseconds * 2, longestPauseMilliseconds);
    });
  };
  start();
  return {
    readings: async () => (child ? readingsOf(child, patience.ofAsker) : []),
    async stop() {
      stopping = true;
      clearTimeout(timer);
      const last = child;
      if (!last) return;
      const ended = new Promise((resolve) => last.once("exit", resolve));
      last.kill("SIGTERM");
      await ended;
    },
  };
}
