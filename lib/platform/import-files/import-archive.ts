import { type Entry, fromBuffer, type ZipFile } from "yauzl";
import {
  maximumArchiveFiles,
  maximumExpandedBytes,
  maximumExpansion,
  maximumImportBytes,
} from "@/lib/domain/imports/import-kinds";
import { isolated } from "@/lib/domain/text/visible-text";
import { faultText } from "@/lib/platform/log";

/** A file of an upload. */
export interface UploadedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

type Unpacked =
  | { readonly ok: true; readonly files: readonly UploadedFile[] }
  | { readonly ok: false; readonly message: string };

/** A fault of the archive that the person can correct. */
export class ArchiveFault extends Error {}

/** Whether these bytes begin a zip archive. */
export const isZip = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] ?? 9) <= 7;

/**
 * The files of an upload, with each zip archive replaced by its contents. Nothing is written to a disk. Refuses
 * too many files, too much content, names that lead elsewhere, files of one name, and archives in archives.
 */
export async function unpackUpload(uploaded: readonly UploadedFile[]): Promise<Unpacked> {
  const files: UploadedFile[] = [];
  let left = maximumExpandedBytes;
  try {
    for (const each of uploaded) {
      const found = isZip(each.bytes) ? await unzip(each, left) : [each];
      files.push(...found);
      left -= found.reduce((sum, { bytes }) => sum + bytes.length, 0);
      if (files.length > maximumArchiveFiles) throw new ArchiveFault(tooMany);
      if (left < 0) throw new ArchiveFault(tooLarge);
    }
    const twice = nameTwice(files);
    if (twice !== null) throw new ArchiveFault(`Two files have the name ${isolated(twice)}. Name each once.`);
    if (files.length === 0) throw new ArchiveFault("There is no file in it.");
  } catch (fault) {
    if (fault instanceof ArchiveFault) return { ok: false, message: fault.message };
    throw fault;
  }
  return { ok: true, files };
}

const tooMany = `There are more than ${maximumArchiveFiles} files. Import at most so many at once.`;
const tooLarge = `The files have more than ${maximumExpandedBytes / 1024 / 1024} MiB. Import at most so much at once.`;

function nameTwice(files: readonly UploadedFile[]): string | null {
  const seen = new Set<string>();
  for (const { name } of files) {
    const key = name.normalize("NFC").toLowerCase();
    if (seen.has(key)) return name;
    seen.add(key);
  }
  return null;
}

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

async function unzip(archive: UploadedFile, mostBytes: number): Promise<UploadedFile[]> {
  const { zip, name, entries } = await archiveEntries(archive);
  const files: UploadedFile[] = [];
  let left = mostBytes;
  for (const entry of entries) {
    const most = Math.min(left, maximumImportBytes);
    if (entry.uncompressedSize > most)
      throw new ArchiveFault(`${isolated(entry.fileName)}: ${sizeFault(left)}`);
    if (
      entry.uncompressedSize > 1_000_000 &&
      entry.uncompressedSize > entry.compressedSize * maximumExpansion
    )
      throw new ArchiveFault(
        `${isolated(entry.fileName)} grows more than ${maximumExpansion} times: it is no list.`,
      );
    const chunks: Uint8Array[] = [];
    await readEntry(zip, entry, name, most, (chunk) => chunks.push(chunk) > 0);
    const bytes = Buffer.concat(chunks);
    left -= bytes.length;
    files.push({ name: entry.fileName, bytes });
  }
  return files;
}

const sizeFault = (left: number) =>
  left < maximumImportBytes
    ? tooLarge
    : `it has more than ${maximumImportBytes / 1024 / 1024} MiB. Import it alone, with what it lists.`;

/** Names that lead out of the archive, wrong sizes and the like are yauzl's faults, in words. */
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
    `${isolated(name)} is no whole zip archive, or has names that lead elsewhere (${faultText(fault)}).`,
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
