import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
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
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
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
