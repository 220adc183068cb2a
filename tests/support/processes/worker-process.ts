import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { prepareQueues } from "@/lib/platform/jobs";
import { queueNames } from "@/lib/server/worker/queue-names";
import { compiledProgram } from "./compiled";

/** The worker in its own process, as the server starts it. */
export interface WorkerProcess {
  /** Kills it with signal 9. Resolves when the process is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export async function spawnWorker(
  databaseUrl: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<WorkerProcess> {
  await prepareQueues(
    databaseUrl,
    queueNames.map((name) => ({ name })),
  );
  const child: ChildProcess = spawn(process.execPath, [await compiledProgram("worker")], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "test",
      DATABASE_URL: databaseUrl,
      POSTERN_URL: "http://localhost:3000",
      ...environment,
    },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  child.send({ encryptionKeys: `test:${randomBytes(32).toString("hex")}`, sessionSecrets: [] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return { kill: () => end("SIGKILL"), stop: () => end("SIGTERM") };
}
