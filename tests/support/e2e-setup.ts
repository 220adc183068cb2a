import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../scripts/parts/embedded-postgres.mjs";

/** Starts the product as `npm start` does, with an embedded database and demo data of the run's own. */
export default async function setup() {
  const folder = mkdtempSync(join(tmpdir(), "postern-e2e-"));
  const browserFolder = join(folder, "browser");
  mkdirSync(browserFolder);
  const port = await freePort();
  const child = spawn(process.execPath, ["scripts/start.mjs"], {
    env: { ...process.env, POSTERN_DATA_DIR: folder, PORT: String(port), DATABASE_URL: "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await ready(child);
  process.env.E2E_URL = `http://localhost:${port}`;
  process.env.E2E_FOLDER = folder;
  process.env.E2E_BROWSER_FOLDER = browserFolder;
  return async () => {
    console.log(`Memory of the serving process after the whole suite: ${memoryOf(child.pid)}.`);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
}

/** What a process holds in memory, now and at most (Linux tells). */
function memoryOf(pid: number | undefined): string {
  if (process.platform !== "linux" || pid === undefined) return "not told by this system";
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const megabytes = (name: string) =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  return `${megabytes("VmRSS")} MB, at most ${megabytes("VmHWM")} MB`;
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.once("exit", (code) => reject(new Error(`npm start ended with ${code}:\n${text}`)));
    child.stdout?.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (text.includes("Postern is ready at")) resolve();
    });
  });
}
