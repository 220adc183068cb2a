import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "./root.mjs";

const running = new Set();

/** Ends the programs under way, as when Postern is told to end while it prepares. */
export function endRunning() {
  for (const child of running) child.kill("SIGTERM");
}

/** Runs a program in the checkout with its output shown; rejects with one line when it fails. */
export function run(program, args, environment = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: "inherit",
      shell: process.platform === "win32",
    });
    running.add(child);
    child.on("error", reject);
    child.on("exit", (code) => {
      running.delete(child);
      if (code === 0) resolve();
      else reject(new Error(`${program} ${args[0] ?? ""} failed (${code ?? "ended"})`));
    });
  });
}

/** Runs a program that npm installed into node_modules/.bin. */
export function runInstalled(name, args, environment) {
  return run(join(root, "node_modules", ".bin", name), args, environment);
}
