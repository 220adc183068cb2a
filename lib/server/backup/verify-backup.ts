import { createHash, type Hash } from "node:crypto";
import { type EncryptionKeys, readEncryptionKeys } from "@/lib/platform/encryption-keys";
import type { BackupFile } from "@/lib/server/backup/backup-file";
import {
  altered,
  type BackupHeader,
  type BackupKeys,
  contentOf,
  endShape,
  headerShape,
  keysShape,
  type ReadFrame,
  readFrames,
  sequencesShape,
  tableEndShape,
  tableShape,
  truncated,
} from "@/lib/server/backup/frames";
import { BackupRefusal } from "@/lib/server/backup/refusal";
import { sealIsRight } from "@/lib/server/backup/seal";
import { knownMigrations } from "@/lib/server/database/migrate";

/** The contents of a complete, unaltered backup. */
export interface VerifiedBackup {
  readonly header: BackupHeader;
  /** Null without a passphrase as well: anybody could have included keys of their own, and sealed anything with them. */
  readonly along: BackupKeys | null;
  readonly tables: number;
  readonly rows: number;
  /** Whether the seal is right; null without the key. */
  readonly sealed: boolean | null;
  readonly sealedWith: string;
  /** The digest of everything in it, so that what is read later is known to be the same file. */
  readonly digest: string;
}

/**
 * Reads a backup from its beginning to its end. `given` are the keys of the installation, if they are known
 * here. Otherwise the keys that are included under a passphrase count. Throws a `BackupRefusal` unless the
 * backup is complete, unaltered, of this version or an older one, and sealed by the key it names.
 */
export async function verifyBackup(file: BackupFile, given: EncryptionKeys | null): Promise<VerifiedBackup> {
  const reading = await readWhole(file);
  const { header, end, tables, rows, digest, ...whole } = reading.whole();
  const along = file.encrypted ? whole.along : null;
  const keys = given ?? (along ? readEncryptionKeys(along.encryptionKeys) : []);
  const sealed = sealIsRight(keys, end);
  if (sealed === false)
    throw new BackupRefusal(
      `the seal is not that of the key ${end.sealedWith}: the backup is of another installation, or was altered by somebody without the key`,
    );
  return { header, along, tables, rows, sealed, sealedWith: end.sealedWith, digest };
}

/** A backup of another version, according to its header. */
class OtherVersion extends BackupRefusal {}

/**
 * Reads a backup to its end. A damaged header can name another version, so its version counts only once the
 * rest is known to be undamaged.
 */
async function readWhole(file: BackupFile): Promise<Reading> {
  const reading = new Reading();
  try {
    for await (const frame of readFrames(file.frames())) reading.take(frame);
    return reading;
  } catch (error) {
    // Its frames may differ. The checksum of the compressed data, or the encryption, is the same in every
    // version.
    if (error instanceof OtherVersion) for await (const _ of file.frames());
    throw error;
  }
}

/** The order of frames: header, keys, then tables with their rows, sequences, the end, and nothing after it. */
class Reading {
  #header: BackupHeader | null = null;
  #along: BackupKeys | null = null;
  #end: ReturnType<typeof endShape.parse> | null = null;
  #inTable: Hash | null = null;
  #sequences = false;
  #tables = 0;
  #rows = 0;

  take(frame: ReadFrame): void {
    if (this.#end !== null) throw altered();
    if ((this.#header === null) !== (frame.kind === "H")) throw altered();
    if ((this.#inTable !== null) !== (frame.kind === "D" || frame.kind === "E")) throw altered();
    switch (frame.kind) {
      case "H":
        this.#header = contentOf(frame, headerShape);
        checkMigrations(this.#header);
        break;
      case "K":
        if (this.#along !== null || this.#tables > 0) throw altered();
        this.#along = contentOf(frame, keysShape);
        break;
      case "T":
        contentOf(frame, tableShape);
        this.#inTable = createHash("sha256");
        break;
      case "D":
        this.#inTable?.update(frame.payload);
        break;
      case "E": {
        const { rows, digest } = contentOf(frame, tableEndShape);
        if (digest !== this.#inTable?.digest("hex")) throw altered();
        this.#inTable = null;
        this.#tables += 1;
        this.#rows += rows;
        break;
      }
      case "S":
        if (this.#sequences) throw altered();
        contentOf(frame, sequencesShape);
        this.#sequences = true;
        break;
      case "Z": {
        const end = contentOf(frame, endShape);
        const { digest, tables, rows } = end;
        if (digest !== frame.digestBefore() || tables !== this.#tables || rows !== this.#rows)
          throw altered();
        this.#end = end;
      }
    }
  }

  whole() {
    if (this.#header === null || this.#end === null || !this.#sequences) throw truncated();
    return {
      header: this.#header,
      along: this.#along,
      end: this.#end,
      tables: this.#tables,
      rows: this.#rows,
      digest: this.#end.digest,
    };
  }
}

/** Refuses a backup with migrations that this version does not know, or knows with another text. */
function checkMigrations({ migrations, version }: BackupHeader): void {
  const own = knownMigrations();
  const unknown = migrations.filter(({ name }) => !own.has(name)).map(({ name }) => name);
  if (unknown.length > 0)
    throw new OtherVersion(
      `this backup is of a newer version of Postern (${version}): this one does not know ${unknown.slice(0, 3).join(", ")}${unknown.length > 3 ? "…" : ""}. Restore it with that version`,
    );
  const edited = migrations
    .filter(({ name, checksum }) => own.get(name) !== checksum)
    .map(({ name }) => name);
  if (edited.length > 0)
    throw new OtherVersion(
      `the migration ${edited[0]} of this backup differs in this version: restore it with the version that made it (${version})`,
    );
}
