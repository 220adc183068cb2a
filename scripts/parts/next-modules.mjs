import { existsSync, readFileSync } from "node:fs";

/**
 * A loader of Turbopack (next.config.js): gives the browser the ES module of what Next.js ships twice. From a CommonJS module
 * Turbopack takes all that it exports; of an ES module it takes what is used. Both are compiled from one source.
 *
 * @this {{ resourcePath: string }}
 * @param {string} source
 */
export default function esModule(source) {
  const path = this.resourcePath.replace(/([\\/]next[\\/]dist[\\/])/, "$1esm/");
  return existsSync(path) ? readFileSync(path, "utf8") : source;
}
