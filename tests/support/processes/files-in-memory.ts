import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";

const ours = /^postern-tests-(\d+)$/;
const gigabyte = 1024 ** 3;
const day = 24 * 3_600_000;

/**
 * Where files are kept in memory, and how much of disk and memory must be free: room for the largest part of
 * the tests, its servers and browsers.
 */
export interface Memory {
  readonly folder: string;
  readonly freeDisk: number;
  readonly freeMemory: number;
}
const ofLinux: Memory = { folder: "/dev/shm", freeDisk: 6 * gigabyte, freeMemory: 12 * gigabyte };

function hasRoom({ folder, freeDisk, freeMemory }: Memory): boolean {
  if (process.platform !== "linux" || !existsSync(folder)) return false;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize > freeDisk && process.availableMemory() > freeMemory;
}

/** Removes what a killed run left. */
function removeLeftovers(memory: string): void {
  for (const name of readdirSync(memory)) {
    const [, id] = ours.exec(name) ?? [];
    if (id === undefined || existsSync(`/proc/${id}`)) continue;
    const folder = join(memory, name);
    if (Date.now() - statSync(folder).mtimeMs > day) rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Keeps the temporary files of this run, and of the processes that it starts, in memory if there is room. A
 * database is a thousand files, and each file of tests creates one, which takes ten times as long on a disk.
 */
export function keepFilesInMemory(memory: Memory = ofLinux): void {
  // A worker of a run that does so already.
  if (process.env.TMPDIR?.startsWith(memory.folder) || !hasRoom(memory)) return;
  removeLeftovers(memory.folder);
  const folder = join(memory.folder, `postern-tests-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  // Like /tmp, since PostgreSQL may have to run as another user.
  chmodSync(folder, 0o1777);
  process.env.TMPDIR = folder;
  process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
}
