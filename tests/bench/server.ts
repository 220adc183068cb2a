import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@/lib/server/database/embedded-postgres";
import { childrenRunning } from "../support/processes/child-processes";
import { processorTimeOf, processorTimeWithChildren, sum } from "./processor-time";

/** The product as `npm start` serves it, with an embedded database and demo data of its own. */
export interface Server {
  readonly url: string;
  readonly databaseUrl: string;
  readonly sessionSecret: string;
  readonly encryptionKeys: string;
  readonly folder: string;
  /** Resident memory of the serving processes, in MB. Linux only; null elsewhere. */
  memory(): number[] | null;
  /** Processor time of the serving processes and of PostgreSQL since they started, in ms. Linux only; null elsewhere. */
  processorTime(): { readonly serving: number; readonly database: number } | null;
  stop(): Promise<void>;
}

/** `floors`: with the pages that only this measures against, in a build of their own. */
export async function startServer({ floors = false } = {}): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "postern-bench-"));
  const port = await freePort();
  const child = spawn(process.execPath, ["scripts/start.mjs"], {
    env: {
      ...process.env,
      POSTERN_DATA_DIR: folder,
      PORT: String(port),
      DATABASE_URL: "",
      // The first minute of a worker, with ninety days to tell of, is not what a page is measured beside.
      POSTERN_WORKER: "0",
      POSTERN_LOG_LEVEL: "warn",
      ...(floors ? { POSTERN_BENCH: "1", POSTERN_DIST_DIR: ".next-bench" } : {}),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((resolve, reject) => {
    let text = "";
    child.once("exit", (code) => reject(new Error(`npm start ended with ${code}: ${text}`)));
    child.stdout?.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (text.includes("Postern is ready at")) resolve();
    });
  });
  const kept = (file: string) => readFileSync(join(folder, file), "utf8").trim();
  const [postmaster, , , databasePort] = readFileSync(
    join(folder, "postgres", "postmaster.pid"),
    "utf8",
  ).split("\n");
  const serving = () => {
    const leading = childrenRunning(child.pid, "server.mjs");
    return [...leading, ...leading.flatMap((pid) => childrenRunning(pid, "server.mjs"))];
  };
  return {
    url: `http://localhost:${port}`,
    databaseUrl: `postgresql://postgres:${kept("postgres-password")}@127.0.0.1:${databasePort}/postern`,
    sessionSecret: kept("session-secret"),
    encryptionKeys: kept("encryption-keys"),
    folder,
    memory() {
      if (process.platform !== "linux" || child.pid === undefined) return null;
      return serving().map((pid) => {
        const status = readFileSync(`/proc/${pid}/status`, "utf8");
        return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
      });
    },
    processorTime() {
      if (process.platform !== "linux" || child.pid === undefined) return null;
      return {
        serving: sum(serving().map((pid) => processorTimeOf(pid))),
        database: processorTimeWithChildren(Number(postmaster)),
      };
    },
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGINT");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
