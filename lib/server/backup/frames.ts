import { createHash, type Hash } from "node:crypto";
import { z } from "zod";
import { BackupRefusal } from "@/lib/server/backup/refusal";

/** The first bytes of a backup, followed by the version of its format. Everything after that may differ in a newer one. */
export const magic = "POSTERN-BACKUP ";
export const formatVersion = 1;
export const firstLine = Buffer.from(`${magic}${formatVersion}\n`);

const count = z.number().int().nonnegative();
const moment = z.iso.datetime();

/** The header of a backup, before its data. */
export const headerShape = z.strictObject({
  /** The version of the product that made it. */
  version: z.string(),
  postgres: z.string(),
  /** The database's clock when its snapshot was taken. Everything that was acknowledged before is in it. */
  madeAt: moment,
  migrations: z.array(z.strictObject({ name: z.string(), checksum: z.string() })).min(1),
  people: count,
  assignments: count,
  activeAssignments: count,
  eligibilities: count,
  events: count,
  lastEvent: z.strictObject({ at: moment, kind: z.string() }).nullable(),
});
export type BackupHeader = z.infer<typeof headerShape>;

export const keysShape = z.strictObject({ encryptionKeys: z.string(), demoAccounts: z.string().nullable() });
/** What the data folder contains besides the database. */
export type BackupKeys = z.infer<typeof keysShape>;

export const tableShape = z.strictObject({ name: z.string(), columns: z.array(z.string()).min(1) });
export type BackupTable = z.infer<typeof tableShape>;

export const tableEndShape = z.strictObject({ rows: count, digest: z.string() });
export type BackupTableEnd = z.infer<typeof tableEndShape>;

export const sequencesShape = z.array(
  z.strictObject({ name: z.string(), value: z.string(), called: z.boolean() }),
);
export type BackupSequences = z.infer<typeof sequencesShape>;

export const endShape = z.strictObject({
  tables: count,
  rows: count,
  /** SHA-256 of every frame before this one. */
  digest: z.string(),
  /** The name of the encryption key that sealed the digest, and the digest's HMAC (`sealOf`). */
  sealedWith: z.string(),
  seal: z.string(),
});
export type BackupEnd = z.infer<typeof endShape>;

/** A part of a backup: one letter, the length, and JSON or, for `D`, rows as `COPY` writes them. */
export type FrameKind = "H" | "K" | "T" | "D" | "E" | "S" | "Z";
export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Buffer;
}

const prefixBytes = 5;
const longestPayload = 64 * 1_048_576;

/** Writes frames, and computes the digest of everything that it wrote. */
export class FrameWriter {
  readonly #hash: Hash = createHash("sha256");

  json(kind: Exclude<FrameKind, "D">, value: unknown): Buffer {
    return this.data(kind, Buffer.from(JSON.stringify(value)));
  }

  data(kind: FrameKind, payload: Buffer): Buffer {
    const prefix = Buffer.alloc(prefixBytes);
    prefix.write(kind, "latin1");
    prefix.writeUInt32BE(payload.length, 1);
    const frame = Buffer.concat([prefix, payload]);
    this.#hash.update(frame);
    return frame;
  }

  digest(): string {
    return this.#hash.copy().digest("hex");
  }
}

/** A frame that was read, with the digest of all frames before it. */
export interface ReadFrame extends Frame {
  readonly digestBefore: () => string;
}

/** Splits a stream of bytes into frames. Throws if it ends within a frame, or contains something else. */
export async function* readFrames(bytes: AsyncIterable<Buffer>): AsyncGenerator<ReadFrame> {
  const hash = createHash("sha256");
  let held: Buffer[] = [];
  let size = 0;
  const take = (length: number): Buffer => {
    const whole = held.length === 1 && held[0] ? held[0] : Buffer.concat(held);
    held = [whole.subarray(length)];
    size -= length;
    return whole.subarray(0, length);
  };
  let wanted = prefixBytes;
  let prefix: Buffer | null = null;
  for await (const chunk of bytes) {
    held.push(chunk);
    size += chunk.length;
    while (size >= wanted) {
      if (prefix === null) {
        prefix = take(prefixBytes);
        wanted = prefix.readUInt32BE(1);
        if (wanted > longestPayload || !/[HKTDESZ]/.test(prefix.toString("latin1", 0, 1))) throw altered();
        if (size < wanted) break;
      }
      const payload = take(wanted);
      const digest = hash.copy();
      yield {
        kind: prefix.toString("latin1", 0, 1) as FrameKind,
        payload,
        digestBefore: () => digest.digest("hex"),
      };
      hash.update(prefix).update(payload);
      prefix = null;
      wanted = prefixBytes;
    }
  }
  if (size > 0 || prefix !== null) throw truncated();
}

/** The value of a frame that contains JSON. */
export function contentOf<Value>(frame: Frame, shape: z.ZodType<Value>): Value {
  try {
    return shape.parse(JSON.parse(frame.payload.toString("utf8")));
  } catch {
    throw altered();
  }
}

export const truncated = (): BackupRefusal =>
  new BackupRefusal("the file is cut off: its end is missing. Copy it again, or use another backup");
export const altered = (): BackupRefusal =>
  new BackupRefusal("the file is not as it was written: it is damaged or was altered. Use another backup");
