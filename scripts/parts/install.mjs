import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "./digest.mjs";
import { errorText } from "./fault.mjs";
import { holdLock } from "./lock-file.mjs";
import { knowingAddresses } from "./package-addresses.mjs";
import { root } from "./root.mjs";
import { run } from "./run.mjs";
import { sealed } from "./sealed.mjs";

const patienceMilliseconds = 600_000;

/** Throws one line when this Node is too old. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Postern needs Node 20.19 or newer; this is ${process.versions.node}.`);
  }
}

/** @param {string} home Where package.json is, from the root. */
const marks = (home) => join(root, home, "node_modules", ".postern");

/**
 * Does a piece of work again only when what it is made from has changed; of two starts at once one does it.
 *
 * @param {string} name What the mark of it is called.
 * @param {string} value Changes with what the work is made from.
 * @param {() => Promise<void>} work
 * @param {string} [home] The folder whose packages the mark belongs to: it goes when they go.
 */
export async function whenChanged(name, value, work, home = "") {
  const folder = marks(home);
  const marker = join(folder, name);
  const upToDate = () => existsSync(marker) && readFileSync(marker, "utf8") === value;
  if (upToDate()) return;
  const release = await holdLock(
    join(root, ".postern-install.lock"),
    patienceMilliseconds,
    (pid) => `Process ${pid} has been installing for ten minutes: end it.`,
  );
  try {
    if (upToDate()) return;
    await work();
    mkdirSync(folder, { recursive: true });
    writeFileSync(marker, value);
  } finally {
    release();
  }
}

/**
 * Nothing here needs Prisma's schema engine. Naming one keeps Prisma from downloading it, and from trying three times
 * where it cannot.
 */
const withoutSchemaEngine = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath };

const installMarker = join(marks(""), "installed");
/** @param {string} home */
const lockDigest = (home) => digestOf([join(home, "package-lock.json")]);

/** Whether `install` has nothing to do. */
export function isInstalled() {
  return sealed || (existsSync(installMarker) && readFileSync(installMarker, "utf8") === lockDigest(""));
}

/** Installs what package-lock.json names, when node_modules is missing or of another lock file. */
export async function install() {
  if (!isInstalled()) await installAt("");
}

/**
 * The folders of tools that have packages of their own, with a lock file. Neither a start nor the tests need them
 * (docs/decisions/packages.md).
 */
export const toolFolders = /** @type {const} */ (["tests/bench", "tests/mutation"]);

/**
 * Installs the packages of one tool beside the others, when they are missing or of another lock file.
 *
 * @param {(typeof toolFolders)[number]} folder
 */
export async function installTool(folder) {
  await installAt(folder);
}

/** @param {string} home */
async function installAt(home) {
  const options = ["--no-audit", "--no-fund", "--loglevel=error", ...(home ? ["--prefix", home] : [])];
  const packages = () => run("npm", ["ci", ...options], withoutSchemaEngine);
  const work = async () => {
    console.log(home ? `Installing the packages of ${home}…` : "Installing packages…");
    await knowingAddresses(packages, home).catch((error) => {
      // A registry may have them elsewhere, and knows where.
      console.log(`Asking the registry where the packages are (${errorText(error)})…`);
      return packages();
    });
  };
  await whenChanged("installed", lockDigest(home), work, home);
}

/** Generates the Prisma client when the schema has changed. */
export async function generateClient() {
  if (sealed) return;
  const value = digestOf(["prisma/schema.prisma", "package-lock.json"]);
  const made = existsSync(join(root, "lib", "platform", "generated", "client.ts"));
  if (!made) rmSync(join(root, "node_modules", ".postern", "generated"), { force: true });
  await whenChanged("generated", value, () =>
    run(join(root, "node_modules", ".bin", "prisma"), ["generate", "--no-hints"], {
      ...withoutSchemaEngine,
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
    }),
  );
}
