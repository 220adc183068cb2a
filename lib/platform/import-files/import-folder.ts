import { constants, existsSync } from "node:fs";
import { type FileHandle, open, readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { folderFault } from "@/lib/domain/imports/import-schedule";
import {
  errorCode,
  type ImportSources,
  mebibytes,
  refused,
  type SourceRead,
  sourceLimits,
} from "@/lib/platform/import-files/import-sources";

/**
 * The lists in a folder, by name. Links are never followed, so nothing outside the configured folder is ever
 * read. If a file changes while it is read, the run is refused.
 */
export async function readFolder({ folder }: ImportSources, path: string): Promise<SourceRead> {
  const fault = folderFault(path, { folder: folder !== null });
  if (fault !== null || folder === null) return refused(fault ?? "");
  try {
    const held = await holdFolder(folder, path);
    if (held === null) return refused("The folder is a link, or is in one. Links are not followed.");
    try {
      const read = await readHeld(held);
      return !read.ok || (await held.isInPlace()) ? read : refused("The folder changed while it was read.");
    } finally {
      await held.close();
    }
  } catch (error) {
    return refused(`The folder cannot be read (${errorCode(error)}).`);
  }
}

/** A folder that stays the same one, whatever replaces it at its path. */
interface HeldFolder {
  /** A path that leads to it as long as it is held. */
  readonly path: string;
  /** Whether it is still where it was. */
  readonly isInPlace: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/**
 * Where Linux lists the open files of a process. A path through it leads to what was opened, not to what has
 * its name now.
 */
const heldByProcess = "/proc/self/fd";

/**
 * Opens a folder below the configured one; null if a link leads to it. The opened folder reports its own path,
 * so a link that replaces it between a check and a read has no effect. Only Linux can do this. On other systems
 * the path is checked before and after.
 */
export async function holdFolder(folder: string, path: string): Promise<HeldFolder | null> {
  const wanted = join(await realpath(folder), ...path.split("/").filter(Boolean));
  let opened: FileHandle;
  try {
    opened = await open(wanted, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    // O_DIRECTORY takes effect before O_NOFOLLOW.
    if (["ELOOP", "ENOTDIR"].includes(errorCode(error)) && (await realpath(wanted)) !== wanted) return null;
    throw error;
  }
  const held = existsSync(heldByProcess) ? join(heldByProcess, `${opened.fd}`) : wanted;
  const isInPlace = async () => (await realpath(held)) === wanted;
  try {
    if (await isInPlace()) return { path: held, isInPlace, close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
  await opened.close();
  return null;
}

/** The lists in a folder that is held. */
export async function readHeld({ path }: Pick<HeldFolder, "path">): Promise<SourceRead> {
  const names = (await readdir(path)).filter((name) => /\.(?:json|csv)$/i.test(name)).sort();
  if (names.length === 0) return refused("The folder has no file that ends in .json or .csv.");
  if (names.length > sourceLimits.files)
    return refused(`The folder has more than ${sourceLimits.files} files that end in .json or .csv.`);
  const files: { name: string; bytes: Uint8Array }[] = [];
  let left: number = sourceLimits.bytes;
  for (const name of names) {
    const read = await readWhole(join(path, name), Math.min(left, sourceLimits.fileBytes));
    if (typeof read === "string") return refused(`${name} ${read}`);
    left -= read.length;
    files.push({ name, bytes: read });
  }
  return { ok: true, files };
}

/** The content of a plain file, or why it cannot be read, as words that follow its name. */
async function readWhole(path: string, most: number): Promise<Uint8Array | string> {
  let file: FileHandle;
  try {
    // Without waiting for somebody to write into a pipe.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return errorCode(error) === "ELOOP"
      ? "is a link. Links are not followed."
      : `cannot be read (${errorCode(error)}).`;
  }
  try {
    const before = await file.stat();
    if (!before.isFile()) return "is no file.";
    if (before.size > most)
      return `is too large. Files have at most ${mebibytes(sourceLimits.fileBytes)}, ${mebibytes(sourceLimits.bytes)} together.`;
    const buffer = Buffer.alloc(before.size + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) break;
    }
    const after = await file.stat();
    const same = length === before.size && after.size === before.size && after.mtimeMs === before.mtimeMs;
    return same ? buffer.subarray(0, length) : "changed while it was read.";
  } finally {
    await file.close();
  }
}
