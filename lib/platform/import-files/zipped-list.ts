import { maximumExpansion } from "@/lib/domain/imports/import-kinds";
import { isolated } from "@/lib/domain/text/visible-text";
import {
  ArchiveFault,
  archiveEntries,
  type ReadArchive,
  readEntry,
  type UploadedFile,
} from "@/lib/platform/import-files/import-archive";

/**
 * Passes the only file of a zip archive to `take` in pieces, as long as it wants more. Returns why the archive
 * is refused. Null if it was read, or as much of it as was wanted.
 */
export async function readOnlyList(
  archive: UploadedFile,
  most: number,
  take: (chunk: Uint8Array) => boolean,
): Promise<string | null> {
  try {
    await readOnly(await archiveEntries(archive), most, take);
    return null;
  } catch (fault) {
    if (fault instanceof ArchiveFault) return fault.message;
    throw fault;
  }
}

async function readOnly(
  { zip, name, entries }: ReadArchive,
  most: number,
  take: (chunk: Uint8Array) => boolean,
): Promise<void> {
  const [entry, another] = entries;
  if (!entry) throw new ArchiveFault("There is no file in it.");
  if (another)
    throw new ArchiveFault(
      `${isolated(name)} has several files. Choose “Several files, or a zip archive”, or pack the list alone.`,
    );
  const file = isolated(entry.fileName);
  const tooLarge = `${file} has more than ${most / 1024 / 1024} MiB. Import fewer at a time.`;
  if (entry.uncompressedSize > most) throw new ArchiveFault(tooLarge);
  if (entry.uncompressedSize > entry.compressedSize * maximumExpansion)
    throw new ArchiveFault(
      `${file} grows more than ${maximumExpansion} times when unpacked, so it is not a list.`,
    );
  await readEntry(zip, entry, name, most, take);
}
