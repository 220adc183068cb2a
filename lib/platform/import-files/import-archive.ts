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

/** A fault of the archive that somebody can mend. */
class ArchiveFault extends Error {}

const isZip = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] ?? 9) <= 7;

/**
 * The files of an upload, with the contents of each zip archive in its place. Nothing is written to a disk. Refuses too
 * many files, too much content, names that lead elsewhere, files of one name, and archives in archives.
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

/** What systems put into archives beside the files. */
const isBeside = (name: string) => /(^|\/)(__MACOSX\/|\.DS_Store$|\._)/.test(name) || name.endsWith("/");

async function unzip({ name, bytes }: UploadedFile, mostBytes: number): Promise<UploadedFile[]> {
  const zip = await open(name, bytes);
  if (zip.entryCount > maximumArchiveFiles * 4) throw new ArchiveFault(`${isolated(name)}: ${tooMany}`);
  const files: UploadedFile[] = [];
  let left = mostBytes;
  for (const entry of await entriesOf(zip, name)) {
    if (isBeside(entry.fileName)) continue;
    if (files.length === maximumArchiveFiles) throw new ArchiveFault(`${isolated(name)}: ${tooMany}`);
    if (entry.isEncrypted())
      throw new ArchiveFault(`${isolated(name)}: ${isolated(entry.fileName)} is encrypted.`);
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
    const content = await contentOf(zip, entry, name, most);
    if (isZip(content)) throw new ArchiveFault(`${isolated(entry.fileName)} is an archive in an archive.`);
    left -= content.length;
    files.push({ name: entry.fileName, bytes: content });
  }
  return files;
}

const sizeFault = (left: number) =>
  left < maximumImportBytes ? tooLarge : `it has more than ${maximumImportBytes / 1024 / 1024} MiB.`;

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

function contentOf(zip: ZipFile, entry: Entry, name: string, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (fault, stream) => {
      if (!stream) return reject(broken(name, fault));
      const chunks: Buffer[] = [];
      let length = 0;
      stream.on("data", (chunk: Buffer) => {
        length += chunk.length;
        // What the archive says of a size counts for nothing.
        if (length > most) stream.destroy(new Error("it is larger than it says"));
        else chunks.push(chunk);
      });
      stream.on("end", () => resolve(Buffer.concat(chunks)));
      stream.on("error", (found) => reject(broken(name, found)));
    });
  });
}
