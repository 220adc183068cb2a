import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./root.mjs";

const mark = "node_modules/.postern/sealed";

/**
 * Whether this tree is that of an image: made once by `scripts/image.mjs`, without sources and without what only a
 * build needs. A start makes nothing in it, so that it can be read-only.
 */
export const sealed = existsSync(join(root, mark));

/**
 * Marks another tree as one of an image.
 *
 * @param {string} folder
 */
export function seal(folder) {
  const path = join(folder, mark);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "");
}
