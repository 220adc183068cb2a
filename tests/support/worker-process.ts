import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";

/** The worker in a process of its own, as the server starts it. */
export interface WorkerProcess {
  /** With signal 9: it can finish nothing. Resolves when the process is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export function spawnWorker(
  databaseUrl: string,
  environment: Readonly<Record<string, string>> = {},
): WorkerProcess {
  const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", "scripts/worker.ts"], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "test",
      DATABASE_URL: databaseUrl,
      POSTERN_URL: "http://localhost:3000",
      POSTERN_SESSION_SECRET: randomBytes(32).toString("hex"),
      POSTERN_ENCRYPTION_KEYS: `test:${randomBytes(32).toString("hex")}`,
      ...environment,
    },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return { kill: () => end("SIGKILL"), stop: () => end("SIGTERM") };
}
