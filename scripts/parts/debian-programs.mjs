import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { root } from "./root.mjs";

/** The programs that run beside Postern in production, each with its Debian package. */
export const debianPrograms = /** @type {const} */ ({
  nginx: "nginx",
  caddy: "caddy",
  haproxy: "haproxy",
  pgbouncer: "pgbouncer",
  promtool: "prometheus",
});

/** @typedef {keyof typeof debianPrograms} DebianProgram */

const folder = join(root, "node_modules", ".cache", "debian");
/** How long a mirror may take in all, before the tests continue without its programs. */
const patienceMilliseconds = 120_000;

/**
 * Where this machine has a program.
 *
 * @param {DebianProgram} name
 */
function pathOf(name) {
  const places = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return places.map((place) => join(place, name)).find((path) => existsSync(path));
}

/**
 * Where a program is, and the environment that it needs: as it is installed, or as `fetchDebianPrograms` has put it here.
 *
 * @param {DebianProgram} name
 * @returns {{ readonly path: string, readonly environment: Record<string, string> } | null} null: it is not here
 */
export function debianProgram(name) {
  const installed = pathOf(name);
  if (installed) return { path: installed, environment: {} };
  const fetched = ["usr/sbin", "usr/bin"]
    .map((place) => join(folder, place, name))
    .find((path) => existsSync(path));
  if (!fetched) return null;
  const libraries = ["usr/lib", "lib"].flatMap((place) => {
    const path = join(folder, place);
    return existsSync(path) ? readdirSync(path).map((each) => join(path, each)) : [];
  });
  return { path: fetched, environment: { LD_LIBRARY_PATH: libraries.join(delimiter) } };
}

const names = /** @type {DebianProgram[]} */ (Object.keys(debianPrograms));

/** The programs that are not here. */
export function missingPrograms() {
  return names.filter((name) => debianProgram(name) === null);
}

/**
 * Fetches what is missing from Debian's packages and unpacks it here, without installing it and without being root.
 * Leaves it missing where there are no such packages, or where they take too long. Can begin while npm installs packages,
 * which removes what was unpacked before.
 *
 * @param {Promise<void> | null} installing Under way; null: everything is installed.
 */
export async function fetchDebianPrograms(installing) {
  const missing = installing ? names.filter((name) => !pathOf(name)) : missingPrograms();
  const wanted = missing.map((name) => debianPrograms[name]);
  if (wanted.length === 0 || process.platform !== "linux") return;
  const deadline = AbortSignal.timeout(patienceMilliseconds);
  const fresh = join(root, `.postern-debian-${process.pid}`);
  try {
    const lists = join(fresh, "lists");
    mkdirSync(join(lists, "partial"), { recursive: true });
    let options = ["-q"];
    let packages = await neededPackages(options, wanted, deadline);
    if (packages.length === 0) {
      // A fresh machine has no package lists. These are only for this download, and need no rights.
      options = ["-q", "-o", `Dir::State::lists=${lists}`, "-o", `Dir::Cache=${fresh}`];
      await output("apt-get", [...options, "update"], fresh, deadline);
      packages = await neededPackages(options, wanted, deadline);
    }
    await output("apt-get", [...options, "download", ...packages], fresh, deadline);
    const unpacked = join(fresh, "unpacked");
    for (const file of readdirSync(fresh).filter((each) => each.endsWith(".deb")))
      await output("dpkg", ["-x", join(fresh, file), unpacked], fresh, deadline);
    keepPrograms(unpacked);
    await installing;
    mkdirSync(dirname(folder), { recursive: true });
    rmSync(folder, { recursive: true, force: true });
    renameSync(unpacked, folder);
  } catch {
    // The caller reports what is missing.
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * Removes what stands in the packages beside the programs and their libraries.
 *
 * @param {string} unpacked
 */
function keepPrograms(unpacked) {
  for (const place of ["bin", "sbin"])
    for (const name of readdirSync(join(unpacked, "usr", place)))
      if (!(name in debianPrograms)) rmSync(join(unpacked, "usr", place, name));
  for (const each of ["etc", "usr/share", "var"])
    rmSync(join(unpacked, each), { recursive: true, force: true });
}

/**
 * These packages and those that they need and this machine lacks.
 *
 * @param {string[]} options
 * @param {string[]} wanted
 * @param {AbortSignal} signal
 */
async function neededPackages(options, wanted, signal) {
  const plan = ["--simulate", "--no-install-recommends", "install", ...wanted];
  const said = await output("apt-get", [...options, ...plan], root, signal).catch(() => "");
  return [...said.matchAll(/^Inst (\S+) /gm)].map(([, name = ""]) => name);
}

/**
 * What a program writes. Rejects if it fails.
 *
 * @param {string} program
 * @param {string[]} given
 * @param {string} cwd
 * @param {AbortSignal} signal
 * @returns {Promise<string>}
 */
function output(program, given, cwd, signal) {
  const child = spawn(program, given, { cwd, signal, stdio: ["ignore", "pipe", "ignore"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve(said) : reject(new Error(`${program} ended with ${code}`)),
    );
  });
}
