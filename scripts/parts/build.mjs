import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeCompressed } from "./compressed-files.mjs";
import { digestOf } from "./digest.mjs";
import { holdLock } from "./lock-file.mjs";
import { root } from "./root.mjs";
import { runInstalled } from "./run.mjs";
import { sealed } from "./sealed.mjs";

const patienceMilliseconds = 600_000;

const sources = [
  "app",
  "components",
  "public",
  "prisma/schema.prisma",
  "package-lock.json",
  "next.config.js",
  "scripts/parts/next-modules.mjs",
  "scripts/parts/compressed-files.mjs",
  "postcss.config.mjs",
  "proxy.ts",
  "tsconfig.json",
];

/**
 * Builds the pages if any of their sources has changed since the last build. An interrupted build does not
 * count. Of two simultaneous starts only one builds.
 */
export async function build() {
  if (sealed) return;
  const storeys = readdirSync(join(root, "lib")).filter((name) => name !== "server");
  const digest = digestOf([...sources, ...storeys.map((name) => `lib/${name}`)]);
  const folder = join(root, process.env.POSTERN_DIST_DIR || ".next");
  const marker = join(folder, "postern-build");
  const upToDate = () => existsSync(marker) && readFileSync(marker, "utf8") === digest;
  if (upToDate()) return;
  const release = await holdLock(
    `${folder}.lock`,
    patienceMilliseconds,
    (pid) => `Process ${pid} has been building the pages for ten minutes: end it.`,
  );
  // It contains no secret, and another user may be the one who serves it.
  const umask = process.umask(0o022);
  try {
    if (upToDate()) return;
    rmSync(marker, { force: true });
    console.log("Building the pages…");
    await runInstalled("next", ["build"], { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" });
    await writeCompressed(join(folder, "static"), join(folder, "compressed"));
    writeFileSync(marker, digest);
  } finally {
    process.umask(umask);
    release();
  }
}
