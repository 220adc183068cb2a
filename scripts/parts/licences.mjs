import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.mjs";

/**
 * Licences of dependencies that may be distributed with an MIT product: permissive ones, or ones that only
 * cover their own files.
 */
const allowed = new Set([
  ...[
    "0BSD",
    "Apache-2.0",
    "BlueOak-1.0.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
  ],
  ...["PostgreSQL", "Unlicense"],
  // The source of a browser table; and of programs that are used unchanged, in files of their own.
  ...["CC-BY-4.0", "EPL-2.0", "MPL-2.0", "LGPL-3.0-or-later"],
]);

/** Packages without a licence in package-lock.json, with what the package itself says. */
export const knownLicences = new Map([["seq-queue@0.0.5", "MIT"]]);

/**
 * @typedef {object} ReleasedPackage
 * @property {string} folder
 * @property {string} name With its version.
 * @property {string} licence
 */

/**
 * The packages that are installed with the product, on any system, by package-lock.json.
 *
 * @returns {ReleasedPackage[]}
 */
export function packagesOfRelease() {
  /** @type {{ packages: Record<string, { version?: string, license?: string, dev?: boolean }> }} */
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  return Object.entries(packages).flatMap(([folder, { version, license, dev }]) => {
    if (folder === "" || dev) return [];
    const name = `${folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length)}@${version}`;
    return [{ folder, name, licence: license ?? knownLicences.get(name) ?? "unknown" }];
  });
}

/**
 * Whether an SPDX expression can be met with licences of the list. Brackets stand only around a whole expression.
 *
 * @param {string} expression
 */
export function isAllowed(expression) {
  const plain = expression.replace(/^\((.*)\)$/, "$1");
  if (/[()]/.test(plain)) return false;
  return plain
    .split(/\s+or\s+/i)
    .some((choice) => choice.split(/\s+and\s+/i).every((name) => allowed.has(name)));
}

/**
 * The packages whose licence is not on the list.
 *
 * @param {readonly ReleasedPackage[]} packages
 */
export function refusedLicences(packages) {
  return packages
    .filter(({ licence }) => !isAllowed(licence))
    .map(({ name, licence }) => `${name} (${licence})`);
}

/**
 * Every package with its licence, and the text of it where the package is installed here. A text stands once, however many
 * packages share it.
 *
 * @param {readonly ReleasedPackage[]} packages
 */
export function thirdPartyLicences(packages) {
  /** @type {Map<string, string[]>} */
  const byText = new Map();
  for (const { folder, name, licence } of packages) {
    const text =
      textsOf(join(root, folder)) ||
      `${licence}. Its text is not part of the package, or the package is for another system.`;
    byText.set(text, [...(byText.get(text) ?? []), `${name}: ${licence}`]);
  }
  return [...byText]
    .map(([text, names]) => `${[...new Set(names)].sort().join("\n")}\n\n${text.trim()}\n`)
    .join(`\n${"=".repeat(80)}\n\n`);
}

/** @param {string} folder */
function textsOf(folder) {
  if (!existsSync(folder)) return "";
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(?:licen[cs]e|copying|notice)(?:[-.]|$)/i.test(entry.name))
    .map(({ name }) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
}
