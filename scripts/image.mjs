// Puts together what an image of Postern holds, from a tree that `npm run build` has built: node scripts/image.mjs FOLDER
import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { errorText } from "./parts/fault.mjs";
import { imagePackages } from "./parts/image-packages.mjs";
import { root } from "./parts/root.mjs";
import { seal } from "./parts/sealed.mjs";

/** What runs, and what it reads. Pages and programs are built from the sources, which stay behind. */
const parts = [
  ...[
    "LICENSE",
    "package.json",
    "next.config.js",
    "public",
    ".next",
    "prisma/migrations",
    "prisma/seed/data",
  ],
  ...["backup", "doctor", "health", "keys", "owner-pass", "restore", "rotate", "start"].map(
    (name) => `scripts/${name}.mjs`,
  ),
  ...["scripts/parts", "node_modules/.postern/server"],
];

/** What the build keeps for the next build and for developers. */
const onlyForBuilds = /^\.next\/(?:cache|dev|types|diagnostics|trace[^/]*|postern-build)(?:\/|$)/;
const onlyForDevelopers = /\.(?:map|d\.[cm]?ts|tsbuildinfo)$/;
/** Of Prisma's compilers of queries, the one for PostgreSQL. */
const otherDatabases =
  /^node_modules\/@prisma\/client\/runtime\/.*\.(?:cockroachdb|mysql|sqlite|sqlserver)\./;

/** @param {string} path */
function belongs(path) {
  const name = path.slice(root.length + 1);
  return !onlyForBuilds.test(name) && !onlyForDevelopers.test(name) && !otherDatabases.test(name);
}

/** @param {string | undefined} given */
function assemble(given) {
  if (!given) throw new Error("name the folder that it is put into");
  const folder = resolve(given);
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new Error(`${folder} is not empty`);
  if (!existsSync(join(root, ".next", "postern-build"))) throw new Error("run npm run build first");
  mkdirSync(folder, { recursive: true });
  for (const path of [...parts, ...imagePackages()])
    cpSync(join(root, path), join(folder, path), {
      recursive: true,
      // The build links packages from its own folder, by ways that hold in the copy as well.
      verbatimSymlinks: true,
      // A dependency of a package is copied separately, if it is needed.
      filter: (from) =>
        belongs(from) && (from === join(root, path) || !/\/node_modules\/.*\/node_modules$/.test(from)),
    });
  seal(folder);
}

try {
  assemble(process.argv[2]);
} catch (error) {
  console.error(`No image: ${errorText(error)}.`);
  process.exitCode = 1;
}
