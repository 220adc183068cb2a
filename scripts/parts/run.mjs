import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "./root.mjs";

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/** Ends the programs under way, for a Postern that is stopped while it prepares. */
export function endRunning() {
  for (const child of running) child.kill("SIGTERM");
}

/**
 * Runs a program in the checkout with its output shown; rejects with one line when it fails.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [environment]
 * @returns {Promise<void>}
 */
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

/**
 * Runs a program that npm installed into node_modules/.bin.
 *
 * @param {string} name
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [environment]
 */
export function runInstalled(name, args, environment) {
  return run(join(root, "node_modules", ".bin", name), args, environment);
}
