import { existsSync, readFileSync } from "node:fs";

/** React asks for it only to learn whether it runs in Node.js, and does not in a browser. */
const noProcess = "module.exports = globalThis.process ?? { env: {} };";

/**
 * A loader of Turbopack (next.config.js): gives the browser the ES module of what Next.js ships twice. From a CommonJS module
 * Turbopack takes all that it exports; of an ES module it takes what is used. Both are compiled from one source. What stands
 * for Node's `process` in browsers is left out.
 *
 * @this {{ resourcePath: string }}
 * @param {string} source
 */
export default function esModule(source) {
  if (/[\\/]polyfills[\\/]process\.js$/.test(this.resourcePath)) return noProcess;
  const path = this.resourcePath.replace(/([\\/]next[\\/]dist[\\/])/, "$1esm/");
  return existsSync(path) ? readFileSync(path, "utf8") : source;
}
