import { type ChildProcess, spawn } from "node:child_process";
import { freePort } from "@/lib/server/database/embedded-postgres";

/** A Postern started as `npm start` does, in a process group of its own. */
export interface PosternProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number | undefined;
  /** Its output so far. */
  output(): string;
  /** Resolves with the output once it contains this. Rejects if the process ends before. */
  says(text: string): Promise<string>;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  /** Ends it as Ctrl-C does, and waits. */
  stop(): Promise<void>;
  /** Kills it and its process group, including the worker and a seed, with signal 9. */
  kill(): Promise<void>;
}

const running = new Set<PosternProcess>();

/** Stops processes that a failed test left running. */
export async function stopAll(): Promise<void> {
  for (const each of running) await each.stop();
}

export async function spawnPostern(
  environment: Readonly<Record<string, string>>,
  nodeArguments: readonly string[] = [],
  /** The tree of another version. */
  cwd: string = process.cwd(),
): Promise<PosternProcess> {
  const port = Number(environment.PORT ?? (await freePort()));
  const child: ChildProcess = spawn(process.execPath, [...nodeArguments, "scripts/start.mjs"], {
    cwd,
    // One process is lighter. Tests that need several ask for them.
    env: {
      ...process.env,
      DATABASE_URL: "",
      POSTERN_WORKER: "0",
      POSTERN_PROCESSES: "1",
      PORT: String(port),
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let text = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      for (const listener of listeners) listener();
    });
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", (code) => {
      running.delete(postern);
      resolve(code);
      for (const listener of listeners) listener();
    });
  });
  const signalGroup = (signal: NodeJS.Signals) => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, signal);
  };
  const postern: PosternProcess = {
    url: `http://localhost:${port}`,
    port,
    pid: child.pid,
    output: () => text,
    says: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const over = child.exitCode !== null || child.signalCode !== null;
          if (!text.includes(wanted) && !over) return;
          listeners.delete(look);
          if (text.includes(wanted)) resolve(text);
          else reject(new Error(`it ended without saying "${wanted}":\n${text}`));
        };
        listeners.add(look);
        look();
      }),
    ended,
    async stop() {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        child.kill("SIGINT");
      await ended;
    },
    async kill() {
      signalGroup("SIGKILL");
      await ended;
    },
  };
  running.add(postern);
  return postern;
}

export const ready = "Postern is ready at";
