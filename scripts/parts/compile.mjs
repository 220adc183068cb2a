import { existsSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { digestOf } from "./digest.mjs";
import { whenChanged } from "./install.mjs";
import { root } from "./root.mjs";
import { sealed } from "./sealed.mjs";

const folder = join(root, "node_modules", ".postern", "server");

/** The programs of the server: what prepares and starts the others, those that it starts, and commands. */
const programs = {
  postern: "lib/server/postern.ts",
  server: "lib/server/http/server.ts",
  prepareQueues: "lib/server/worker/prepare-queues.ts",
  worker: "lib/server/worker/worker.ts",
  backup: "lib/server/backup/backup.ts",
  restore: "lib/server/backup/restore.ts",
  doctor: "lib/server/doctor/doctor.ts",
  keys: "lib/server/database/report-keys.ts",
  rotate: "lib/server/rotate/rotate.ts",
  ownerPass: "scripts/owner-pass.ts",
  seed: "prisma/seed/seed.ts",
  setUpOwner: "scripts/set-up-owner.ts",
};

/**
 * Where a program of the server is once it is compiled.
 *
 * @param {keyof typeof programs} name
 */
export function compiled(name) {
  return join(folder, `${name}.mjs`);
}

/**
 * What runs before packages are installed is not compiled: there is one of it in a process, and it knows where it is.
 *
 * @type {import("esbuild").Plugin}
 */
const leaveParts = {
  name: "leave scripts/parts",
  setup({ onResolve }) {
    onResolve({ filter: /^@\/scripts\/parts\/[\w-]+\.mjs$/ }, ({ path }) => ({
      path: relative(folder, join(root, path.slice("@/".length))),
      external: true,
    }));
  },
};

/** Makes the server's programs, each one file, when anything they are made from has changed (docs/decisions/server.md). */
export async function compileServer() {
  if (sealed) return;
  const sources = [
    "lib",
    "prisma/schema.prisma",
    "prisma/seed",
    "scripts/owner-pass.ts",
    "scripts/set-up-owner.ts",
    "package-lock.json",
    "tsconfig.json",
    "scripts/parts/compile.mjs",
  ];
  const made = Object.keys(programs).every((name) => existsSync(join(folder, `${name}.mjs`)));
  if (!made) rmSync(join(root, "node_modules", ".postern", "compiled"), { force: true });
  await whenChanged("compiled", digestOf(sources), async () => {
    const { build } = await import("esbuild");
    await build({
      absWorkingDir: root,
      entryPoints: programs,
      outdir: folder,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20.19",
      packages: "external",
      plugins: [leaveParts],
      logLevel: "error",
    });
  });
}
