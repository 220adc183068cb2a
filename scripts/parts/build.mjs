import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { holdLock } from "./lock-file.mjs";
import { root } from "./root.mjs";
import { runInstalled } from "./run.mjs";

const patienceMilliseconds = 600_000;

const sources = [
  "app",
  "components",
  "lib",
  "public",
  "prisma/schema.prisma",
  "package-lock.json",
  "next.config.js",
  "postcss.config.mjs",
  "proxy.ts",
  "tsconfig.json",
];

function files(path) {
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes("generated"))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    if (error.code === "ENOTDIR") return [path];
    throw error;
  }
}

/**
 * Builds the pages when anything that they are made from has changed since the last build. An interrupted build counts
 * for nothing, and of two starts at once one builds.
 */
export async function build() {
  const hash = createHash("sha256");
  for (const source of sources) {
    for (const file of files(join(root, source)))
      hash.update(file.slice(root.length)).update(readFileSync(file));
  }
  const digest = hash.digest("hex");
  const folder = join(root, process.env.POSTERN_DIST_DIR || ".next");
  const marker = join(folder, "postern-build");
  const upToDate = () => existsSync(marker) && readFileSync(marker, "utf8") === digest;
  if (upToDate()) return;
  const release = await holdLock(
    `${folder}.lock`,
    patienceMilliseconds,
    (pid) => `Process ${pid} has been building the pages for ten minutes: end it.`,
  );
  // No secret is in it, and another user may be the one who serves it.
  const umask = process.umask(0o022);
  try {
    if (upToDate()) return;
    rmSync(marker, { force: true });
    // The type checker's memory of the build before does not notice that the generated client has changed.
    rmSync(join(folder, "cache", ".tsbuildinfo"), { force: true });
    console.log("Building the pages…");
    await runInstalled("next", ["build"], { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" });
    writeFileSync(marker, digest);
  } finally {
    process.umask(umask);
    release();
  }
}
