import { spawn } from "node:child_process";
import { isReadings, patience, type Reading, readingsOf } from "@/lib/server/metrics/readings";
import { compiled } from "@/scripts/parts/compile.mjs";
import { root } from "@/scripts/parts/root.mjs";

/** The messages of the serving process to its parent. */
export type ServerMessage = { readonly ready: true } | { readonly fault: string };

export interface ServerProcess {
  /** Resolves once it serves; rejects with one line if it cannot. */
  readonly ready: Promise<void>;
  /** What the serving processes have counted; null if they do not answer. */
  readings(): Promise<readonly Reading[] | null>;
  /** Stops it and waits. */
  stop(): Promise<void>;
}

/**
 * Starts the serving process with this environment and nothing else of this process's. `onGone` is called if it
 * ends by itself.
 */
export function startServer({
  environment,
  development,
  onGone,
}: {
  readonly environment: NodeJS.ProcessEnv;
  readonly development: boolean;
  readonly onGone: (reason: string) => void;
}): ServerProcess {
  const child = spawn(
    process.execPath,
    [...process.execArgv, compiled("server"), ...(development ? ["--development"] : [])],
    { cwd: root, env: environment, stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  const ended = new Promise<unknown>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? code));
    child.once("error", (error) => resolve(error.message));
  });
  let stopping = false;
  return {
    readings: () => readingsOf(child, patience.ofAsker),
    async stop() {
      stopping = true;
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      await ended;
    },
    ready: new Promise<void>((resolve, reject) => {
      let ready = false;
      child.on("message", (sent) => {
        if (isReadings(sent)) return;
        const message = sent as ServerMessage;
        if ("fault" in message) return reject(new Error(message.fault));
        ready = true;
        resolve();
      });
      ended.then((how) => {
        if (!ready) reject(new Error(`the serving process ended (${how})`));
        else if (!stopping) onGone(`The serving process ended by itself (${how}).`);
      });
    }),
  };
}
