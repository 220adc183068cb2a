import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { FullConfig } from "@playwright/test";
import { freePort } from "@/lib/server/database/embedded-postgres";
import { run } from "@/scripts/parts/run.mjs";
import { childRunning } from "../processes/child-processes";
import { prepared } from "../processes/outside-database";
import { importFolder } from "./server";

/**
 * Starts the product as `npm start` does, once for each test worker, with its own embedded database and demo data, so
 * that journeys in different workers share nothing. The first start seeds, while the pages are built. The others start from
 * a copy of its data folder, as the servers do that some journeys start for themselves.
 */
export default async function setup(config: FullConfig) {
  const folder = mkdtempSync(join(tmpdir(), "postern-e2e-"));
  const homes = Array.from({ length: config.workers }, (_, index) => join(folder, String(index)));
  const [first = folder, ...others] = homes;
  mkdirSync(first);
  const [roles, demo] = [join(folder, "roles"), join(folder, "demo")];
  mkdirSync(roles);
  const once = (home: string, environment: Readonly<Record<string, string>> = {}) =>
    start(home, environment).then(({ child }) => end(child));
  // The pages are built while the first starts seed. These then wait for the build, as any second start does.
  await Promise.all([
    run(process.execPath, ["scripts/build.mjs"]),
    once(first),
    once(roles, { POSTERN_DEMO: "0", POSTERN_DEMO_OIDC: "", POSTERN_WORKER: "0" }),
  ]);
  // If the database is stored elsewhere, a copy would share it, so those servers seed their own data.
  const whole = !existsSync(join(first, "postgres-moved-to"));
  for (const other of others) whole ? cpSync(first, other, { recursive: true }) : mkdirSync(other);
  if (whole) {
    cpSync(first, demo, { recursive: true });
    prepared("Demo", demo);
    prepared("Roles", roles);
  }
  const servers = await Promise.all(homes.map((home) => start(home)));
  for (const [index, { url }] of servers.entries()) {
    const browser = join(folder, `browser-${index}`);
    mkdirSync(browser);
    process.env[`E2E_URL_${index}`] = url;
    process.env[`E2E_FOLDER_${index}`] = homes[index];
    process.env[`E2E_BROWSER_FOLDER_${index}`] = browser;
    process.env[`E2E_BEGUN_${index}`] = new Date().toISOString();
  }
  return async () => {
    for (const { child } of servers)
      console.log(
        `Memory of a serving process after the whole suite: ${memoryOf(childRunning(child.pid, "server.mjs"))}.`,
      );
    await Promise.all(servers.map(({ child }) => end(child)));
    rmSync(folder, { recursive: true, force: true });
  };
}

async function start(
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ child: ChildProcess; url: string }> {
  mkdirSync(join(folder, importFolder), { recursive: true });
  const port = await freePort();
  const child = spawn(process.execPath, ["scripts/start.mjs"], {
    env: {
      ...process.env,
      POSTERN_DATA_DIR: folder,
      PORT: String(port),
      DATABASE_URL: "",
      POSTERN_PROCESSES: "1",
      POSTERN_LOG_LEVEL: "warn",
      POSTERN_DEMO_OIDC: "1",
      POSTERN_IMPORT_FOLDER: join(folder, importFolder),
      ...environment,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await ready(child);
  // Anything that it logs from here on is an error.
  if (child.stdout)
    createInterface(child.stdout).on("line", (line) => {
      if (line.startsWith("{")) console.error(line);
    });
  return { child, url: `http://localhost:${port}` };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  await ended;
}

/** A process's current and peak memory (Linux only). */
function memoryOf(pid: number | undefined): string {
  if (process.platform !== "linux" || pid === undefined) return "not known on this system";
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
