import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { log } from "@/lib/platform/log";
import { errorCode } from "@/scripts/parts/fault.mjs";

interface Step {
  readonly signal: NodeJS.Signals;
  readonly patience: number;
}

const waitMilliseconds = 50;
/** How long a process has to end after each signal, the gentlest first. */
const steps: readonly Step[] = [
  { signal: "SIGINT", patience: 10_000 },
  { signal: "SIGQUIT", patience: 3_000 },
  { signal: "SIGKILL", patience: 5_000 },
];

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has no resources, and only its parent can remove it.
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch (error) {
    const code = errorCode(error);
    return code === "EPERM" || (code === "ENOENT" && !existsSync("/proc/self"));
  }
}

function commandLine(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return null;
  }
}

/** The server in the pid file, if its process belongs to this data; otherwise null. */
function namedServer(folder: string): number | null {
  const file = join(folder, "postmaster.pid");
  if (!existsSync(file)) return null;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  if (!(pid > 1) || !isAlive(pid)) return null;
  // Without /proc, only the file says whose process it is.
  return existsSync("/proc/self") && !commandLine(pid)?.includes(folder) ? null : pid;
}

/** The PostgreSQL processes whose working folder is this one. Only Linux can say. */
function processesIn(folder: string): number[] {
  const own = realpathSync(folder);
  if (!existsSync("/proc/self")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/cwd`) === own &&
          readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "postgres" &&
          isAlive(pid)
        );
      } catch {
        return false;
      }
    });
}

async function gone(pid: number, patience: number): Promise<boolean> {
  for (let waited = 0; isAlive(pid); waited += waitMilliseconds) {
    if (waited >= patience) return false;
    await new Promise((resolve) => setTimeout(resolve, waitMilliseconds));
  }
  return true;
}

async function end(pid: number, folder: string, ways: readonly Step[]): Promise<void> {
  for (const { signal, patience } of ways) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (errorCode(error) === "ESRCH") return;
      throw new Error(
        `Process ${pid} (${commandLine(pid) ?? "postgres"}) still uses the database in ${folder} and cannot be ended from here (${errorCode(error)}): end it, then start Postern again.`,
      );
    }
    if (await gone(pid, patience)) return;
  }
  throw new Error(
    `Process ${pid} (${commandLine(pid) ?? "postgres"}) still uses the database in ${folder} and does not end: end it, then start Postern again.`,
  );
}

/**
 * Ends what a killed Postern, or a killed database, left running on this data, and waits until it is gone: the
 * server, and processes that outlived it, whose memory prevents another server from starting. Touches only processes
 * that work in this very folder, and names each one that outlived its server. Throws one line if one does not end.
 */
export async function endLeftover(
  folder: string,
  tell: (line: string) => void = (line) => log().warn(line),
): Promise<void> {
  const server = namedServer(folder);
  if (server !== null) await end(server, folder, steps);
  // The processes of a stopping server are about to end by themselves.
  const left = processesIn(folder);
  await Promise.all(
    left.map(async (pid) => {
      const what = commandLine(pid);
      if (await gone(pid, 1_000)) return;
      tell(`Process ${pid} (${what ?? "postgres"}) outlived the database server in ${folder}: ending it.`);
      await end(pid, folder, steps.slice(1));
    }),
  );
  rmSync(join(folder, "postmaster.pid"), { force: true });
}
