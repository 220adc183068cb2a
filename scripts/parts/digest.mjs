import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.mjs";

/**
 * The files of a folder, or a file itself; none where there is nothing. What is generated follows from the rest.
 *
 * @param {string} path
 */
function files(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("generated"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * A digest that changes with anything in these files and folders of the checkout.
 *
 * @param {readonly string[]} sources
 */
export function digestOf(sources) {
  const hash = createHash("sha256");
  for (const source of sources)
    for (const file of files(join(root, source)))
      hash.update(file.slice(root.length)).update(readFileSync(file));
  return hash.digest("hex");
}
