import { type Entry, fromBuffer, type ZipFile } from "yauzl";
import { maximumArchiveFiles, maximumExpansion, maximumLargeBytes } from "@/lib/domain/imports/import-kinds";
import { isolated } from "@/lib/domain/text/visible-text";
import { faultText } from "@/lib/platform/log";

/** An archive as it was sent. */
export interface UploadedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Takes files one after the other, each piece by piece, until something is wrong with one. */
export interface FileTaker {
  readonly fault: string | null;
  begin(name: string): void;
  push(piece: Uint8Array): void;
  end(): void;
}

/** A fault of the archive that the person can correct. */
export class ArchiveFault extends Error {}

/** Whether these bytes begin a zip archive. */
export const isZip = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] ?? 9) <= 7;

/** Why files that are too large together are refused. */
export const tooLargeTogether = `The files have more than ${maximumLargeBytes / 1024 / 1024} MiB. Import fewer at a time.`;

const tooMany = `There are more than ${maximumArchiveFiles} files. Import fewer at a time.`;

/** What operating systems add to archives besides the files. */
const isBeside = (name: string) => /(^|\/)(__MACOSX\/|\.DS_Store$|\._)/.test(name) || name.endsWith("/");

/** An archive with its relevant files. */
export interface ReadArchive {
  readonly zip: ZipFile;
  readonly name: string;
  readonly entries: readonly Entry[];
}

/** What an archive says it contains, without what operating systems add. Throws an `ArchiveFault`. */
export async function archiveEntries({ name, bytes }: UploadedFile): Promise<ReadArchive> {
  const zip = await open(name, bytes);
  if (zip.entryCount > maximumArchiveFiles * 4) throw new ArchiveFault(`${isolated(name)}: ${tooMany}`);
  const entries = (await entriesOf(zip, name)).filter(({ fileName }) => !isBeside(fileName));
  if (entries.length > maximumArchiveFiles) throw new ArchiveFault(`${isolated(name)}: ${tooMany}`);
  const encrypted = entries.find((entry) => entry.isEncrypted());
  if (encrypted) throw new ArchiveFault(`${isolated(name)}: ${isolated(encrypted.fileName)} is encrypted.`);
  return { zip, name, entries };
}

/**
 * Passes each file of an archive to `taker` and returns how many bytes they expanded to. All files together may expand
 * to at most `most` bytes. Writes nothing to a disk. Throws `ArchiveFault` for paths that leave the archive, for archives
 * within the archive and for other content that no list of imports has.
 */
export async function readArchive(archive: UploadedFile, most: number, taker: FileTaker): Promise<number> {
  const { zip, name, entries } = await archiveEntries(archive);
  let left = most;
  for (const entry of entries) {
    if (entry.uncompressedSize > left) throw new ArchiveFault(tooLargeTogether);
    if (
      entry.uncompressedSize > 1_000_000 &&
      entry.uncompressedSize > entry.compressedSize * maximumExpansion
    )
      throw new ArchiveFault(
        `${isolated(entry.fileName)} grows more than ${maximumExpansion} times when unpacked, so it is not a list.`,
      );
    taker.begin(entry.fileName);
    await readEntry(zip, entry, name, left, (chunk) => {
      left -= chunk.length;
      taker.push(chunk);
      return taker.fault === null;
    });
    taker.end();
    if (taker.fault !== null) break;
  }
  return most - left;
}

/** Names that lead out of the archive, sizes that are not so and the like are yauzl's faults, in words. */
function open(name: string, bytes: Uint8Array): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromBuffer(Buffer.from(bytes), { lazyEntries: true, validateEntrySizes: true }, (fault, zip) => {
      if (zip) resolve(zip);
      else reject(broken(name, fault));
    });
  });
}

const broken = (name: string, fault: unknown) =>
  new ArchiveFault(
    `${isolated(name)} is not a complete zip archive, or has names that lead elsewhere (${faultText(fault)}).`,
  );

function entriesOf(zip: ZipFile, name: string): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on("entry", (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.on("end", () => resolve(entries));
    zip.on("error", (fault) => reject(broken(name, fault)));
    zip.readEntry();
  });
}

/** Passes the content of a file in an archive to `take` in pieces, as long as it wants more. Throws an `ArchiveFault`. */
export function readEntry(
  zip: ZipFile,
  entry: Entry,
  name: string,
  most: number,
  take: (chunk: Uint8Array) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (fault, stream) => {
      if (!stream) return reject(broken(name, fault));
      let length = 0;
      stream.on("data", (chunk: Buffer) => {
        if (length === 0 && isZip(chunk))
          stream.destroy(new ArchiveFault(`${isolated(entry.fileName)} is an archive in an archive.`));
        length += chunk.length;
        // The size in the archive is not trusted.
        if (length > most) stream.destroy(new Error("it is larger than it says"));
        else if (!stream.destroyed && !take(chunk)) {
          stream.destroy();
          resolve();
        }
      });
      stream.on("end", resolve);
      stream.on("error", (found) => reject(found instanceof ArchiveFault ? found : broken(name, found)));
    });
  });
}
