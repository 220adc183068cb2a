import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./root.mjs";

/**
 * @typedef {{
 *   readonly name?: string;
 *   readonly version?: string;
 *   readonly resolved?: string;
 *   readonly link?: boolean;
 *   readonly inBundle?: boolean;
 * }} Package
 * @typedef {{ readonly packages: Readonly<Record<string, Package>> }} Lock
 */

const folder = "node_modules/";

/**
 * The lock file with the address of each package that has none, where this registry serves it.
 *
 * @param {Lock} lock
 * @param {string} registry
 * @returns {Lock}
 */
export function withAddresses(lock, registry) {
  const packages = Object.entries(lock.packages).map(([path, each]) => {
    const own = path === "" || each.link || each.inBundle || each.resolved || !each.version;
    if (own) return [path, each];
    const name = each.name ?? path.slice(path.lastIndexOf(folder) + folder.length);
    const file = `${name.slice(name.lastIndexOf("/") + 1)}-${each.version}.tgz`;
    return [path, { ...each, resolved: `${registry.replace(/\/$/, "")}/${name}/-/${file}` }];
  });
  return { ...lock, packages: Object.fromEntries(packages) };
}

/**
 * Lets `work` run npm with a lock file that has these addresses: npm prefers it to `package-lock.json`. That one has none,
 * so that it fits any registry, and npm would ask for all versions that each package ever had: a third of all that it
 * loads, and of its processor time.
 *
 * @param {() => Promise<void>} work
 * @param {string} home The folder of the lock file, from the root.
 */
export async function knowingAddresses(work, home) {
  const preferred = join(root, home, "npm-shrinkwrap.json");
  const { stdout } = await promisify(execFile)("npm", ["config", "get", "registry"], {
    cwd: root,
    shell: process.platform === "win32",
  });
  const lock = JSON.parse(readFileSync(join(root, home, "package-lock.json"), "utf8"));
  writeFileSync(preferred, JSON.stringify(withAddresses(lock, stdout.trim())));
  const remove = () => rmSync(preferred, { force: true });
  process.once("exit", remove);
  try {
    await work();
  } finally {
    process.off("exit", remove);
    remove();
  }
}
