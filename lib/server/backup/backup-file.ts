import { createHash } from "node:crypto";
import { closeSync, createReadStream, fsyncSync, linkSync, openSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { Decrypter, Encrypter } from "age-encryption";
import { altered, firstLine, formatVersion, magic, truncated } from "@/lib/server/backup/frames";
import { BackupRefusal } from "@/lib/server/backup/refusal";
import { errorCode } from "@/scripts/parts/fault.mjs";

/** The first line of a file in the format of age. */
const ageLine = "age-encryption.org/v1";
const longestFirstLine = 64;

/** The result of writing a backup. */
export interface WrittenFile {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes a backup into a new file that only its owner can read. The file gets its name once all of it is on the disk.
 * If a file of that name exists, or the backup cannot be written completely, it throws and leaves nothing behind.
 */
export async function writeBackup(
  path: string,
  frames: AsyncIterable<Buffer>,
  passphrase: string | null,
): Promise<WrittenFile> {
  const partial = `${path}.partial`;
  if (exists(path)) throw new BackupRefusal(`${path} is there already: name a new file`);
  const file = await open(partial, "wx", 0o600).catch((error) => {
    const code = errorCode(error);
    throw new BackupRefusal(
      code === "EEXIST"
        ? `${partial} is there: another backup is being written, or was cut off. Remove it if none is`
        : `${partial} cannot be written (${code})`,
    );
  });
  try {
    const hash = createHash("sha256");
    let bytes = 0;
    const compressed = Readable.from(compress(frames));
    const content = passphrase === null ? compressed : await encrypt(compressed, passphrase);
    for await (const chunk of content) {
      hash.update(chunk);
      bytes += chunk.length;
      await file.writeFile(chunk);
    }
    await file.sync();
    await file.close();
    // Unlike a rename, a link never replaces a file that appeared meanwhile.
    linkSync(partial, path);
    rmSync(partial);
    syncFolder(dirname(path));
    return { bytes, sha256: hash.digest("hex") };
  } catch (error) {
    await file.close().catch(() => {});
    rmSync(partial, { force: true });
    const code = errorCode(error);
    if (code === "EEXIST") throw new BackupRefusal(`${path} is there already: name a new file`);
    if (code && ["ENOSPC", "EFBIG", "EDQUOT", "EIO", "EROFS"].includes(code))
      throw new BackupRefusal(`${path} cannot be written (${code}): there is no room. Nothing of it is left`);
    throw error;
  }
}

function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw new BackupRefusal(`${path} cannot be written (${errorCode(error)})`);
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The first line, then the compressed frames. */
async function* compress(frames: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield firstLine;
  const gzip = createGzip({ level: 4, chunkSize: 65_536 });
  const whole = pipeline(Readable.from(frames), gzip);
  whole.catch((error) => gzip.destroy(error));
  for await (const chunk of gzip) yield chunk;
  await whole;
}

async function encrypt(content: Readable, passphrase: string): Promise<Readable> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  const encrypted = await encrypter.encrypt(Readable.toWeb(content) as ReadableStream<Uint8Array>);
  return Readable.fromWeb(encrypted as Parameters<typeof Readable.fromWeb>[0]);
}

/** A backup that can be read more than once. */
export interface BackupFile {
  readonly encrypted: boolean;
  /** The bytes of its frames. Throws a `BackupRefusal` if the file is incomplete or was altered. */
  frames(): AsyncGenerator<Buffer>;
}

/**
 * Reads the beginning of a file. `passphrase` is asked for only if it is encrypted. Reading ends when `stopped`
 * says so. Throws if it is not a backup, or one of a newer format.
 */
export async function openBackup(
  path: string,
  passphrase: () => Promise<string>,
  stopped?: AbortSignal,
): Promise<BackupFile> {
  const beginning = await beginningOf(path);
  const encrypted = beginning.startsWith(ageLine);
  const secret = encrypted ? await passphrase() : null;
  if (!encrypted) checkFirstLine(beginning);
  return {
    encrypted,
    async *frames() {
      try {
        const raw = createReadStream(path, { highWaterMark: 1_048_576, signal: stopped });
        yield* decompress(secret === null ? raw : await decrypt(raw, secret));
      } catch (error) {
        throw readFault(error);
      }
    },
  };
}

async function beginningOf(path: string): Promise<string> {
  try {
    const file = await open(path, "r");
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(longestFirstLine), 0, longestFirstLine, 0);
      return buffer.toString("latin1", 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new BackupRefusal(`${path} cannot be read (${errorCode(error)})`);
  }
}

function checkFirstLine(beginning: string): void {
  if (firstLine.toString("latin1").startsWith(beginning)) throw truncated();
  const version = /^(\d{1,9})\n/.exec(beginning.startsWith(magic) ? beginning.slice(magic.length) : "")?.[1];
  if (version === undefined) throw new BackupRefusal("this is no backup of Postern");
  if (Number(version) > formatVersion)
    throw new BackupRefusal(
      `this backup is of a newer version of Postern (its format is ${version}, this version reads up to ${formatVersion}): restore it with that version`,
    );
  if (Number(version) !== formatVersion) throw altered();
}

async function decrypt(content: Readable, passphrase: string): Promise<Readable> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  const decrypted = await decrypter
    .decrypt(Readable.toWeb(content) as ReadableStream<Uint8Array>)
    .catch((error: Error) => {
      if (/no identity matched/.test(error.message))
        throw new BackupRefusal("the passphrase is wrong, or the beginning of the file was altered");
      throw error;
    });
  return Readable.fromWeb(decrypted as Parameters<typeof Readable.fromWeb>[0]);
}

/** What follows the first line, decompressed. */
async function* decompress(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 262_144 });
  let given = 0;
  async function* rest(): AsyncGenerator<Buffer> {
    let beginning: Buffer | null = Buffer.alloc(0);
    for await (const chunk of content) {
      let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      if (beginning !== null) {
        beginning = Buffer.concat([beginning, bytes]);
        if (beginning.length < longestFirstLine) continue;
        bytes = beginning;
        beginning = null;
        checkFirstLine(bytes.toString("latin1", 0, longestFirstLine));
        bytes = bytes.subarray(firstLine.length);
      }
      given += bytes.length;
      yield bytes;
    }
    if (beginning !== null) throw truncated();
  }
  const whole = pipeline(Readable.from(rest()), gunzip);
  whole.catch((error) => gunzip.destroy(error));
  for await (const chunk of gunzip) yield chunk;
  // Zeros after the end would be skipped silently.
  if (gunzip.bytesWritten !== given) throw altered();
  await whole;
}

/** A read error in words. */
function readFault(error: unknown): unknown {
  if (error instanceof BackupRefusal) return error;
  const code = errorCode(error);
  if (code === "Z_BUF_ERROR") return truncated();
  if (code?.startsWith("Z_")) return altered();
  if (code && /^E[A-Z]+$/.test(code)) return new BackupRefusal(`the file cannot be read (${code})`);
  return new BackupRefusal(
    `the file is cut off, damaged or altered (${error instanceof Error ? error.message : error})`,
  );
}
