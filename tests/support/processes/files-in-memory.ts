import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where Linux keeps files in memory. */
const memory = "/dev/shm";
const ours = /^postern-tests-(\d+)$/;
const gigabyte = 1024 ** 3;
const day = 24 * 3_600_000;

/** Room for the files of the largest part of the tests, and memory left for its servers and browsers. */
function hasRoom(): boolean {
  if (process.platform !== "linux" || !existsSync(memory)) return false;
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > 6 * gigabyte && process.availableMemory() > 12 * gigabyte;
}

/** Removes what a run left that was killed. */
function removeLeftovers(): void {
  for (const name of readdirSync(memory)) {
    const [, id] = ours.exec(name) ?? [];
    if (id === undefined || existsSync(`/proc/${id}`)) continue;
    const folder = join(memory, name);
    if (Date.now() - statSync(folder).mtimeMs > day) rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Keeps the temporary files of this run and of the processes that it starts in memory, where there is room. A database
 * is a thousand files, and each file of tests creates one: on a disk that takes ten times as long.
 */
export function keepFilesInMemory(): void {
  // A worker of a run that does so already.
  if (process.env.TMPDIR?.startsWith(memory) || !hasRoom()) return;
  removeLeftovers();
  const folder = join(memory, `postern-tests-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  // As /tmp: PostgreSQL may have to run as another user.
  chmodSync(folder, 0o1777);
  process.env.TMPDIR = folder;
  process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
}
