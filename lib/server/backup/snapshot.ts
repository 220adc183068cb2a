import { createHash } from "node:crypto";
import type pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import type { EncryptionKeys } from "@/lib/platform/encryption-keys";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import { type BackupEnd, type BackupHeader, type BackupKeys, FrameWriter } from "@/lib/server/backup/frames";
import { BackupRefusal } from "@/lib/server/backup/refusal";
import { sealOf } from "@/lib/server/backup/seal";
import {
  copyOut,
  type StoredTable,
  sequences,
  storedTables,
  writePlainly,
} from "@/lib/server/backup/stored-tables";
import { oneRow } from "@/lib/server/database/one-row";

const chunkBytes = 256 * 1_024;

/** What a backup contains besides the database. */
export interface Sealing {
  /** The first one seals the backup. */
  readonly keys: EncryptionKeys;
  /** The contents of the data folder, if they are to be included. */
  readonly along: BackupKeys | null;
  readonly version: string;
}

/**
 * The frames of a backup: everything that was committed when it began, from one snapshot, while others read and
 * write. No migration runs meanwhile; a start waits. `client` is the owner's connection, which cannot be used
 * any more if this is not read to the end. `onHeader` is called with the backup's header.
 */
export async function* snapshotOf(
  client: pg.Client,
  { keys, along, version }: Sealing,
  onHeader: (header: BackupHeader) => void,
): AsyncGenerator<Buffer> {
  const [sealing] = keys;
  if (!sealing) throw new Error("there is no encryption key");
  await writePlainly(client);
  await client.query("SELECT pg_advisory_lock_shared($1)", [advisoryLocks.migration]);
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  const header = await headerOf(client, version);
  onHeader(header);
  const writer = new FrameWriter();
  yield writer.json("H", header);
  if (along) yield writer.json("K", along);
  let rows = 0;
  const tables = await storedTables(client);
  for (const table of tables) {
    yield writer.json("T", { name: table.name, columns: table.columns });
    const hash = createHash("sha256");
    const stream = client.query(copyTo(copyOut(client, table)));
    for await (const chunk of inChunks(stream)) {
      hash.update(chunk);
      yield writer.data("D", chunk);
    }
    yield writer.json("E", { rows: stream.rowCount, digest: hash.digest("hex") });
    rows += stream.rowCount;
  }
  yield writer.json("S", await sequences(client));
  const digest = writer.digest();
  const seal = sealOf(sealing.key, digest);
  const end: BackupEnd = { tables: tables.length, rows, digest, sealedWith: sealing.id, seal };
  yield writer.json("Z", end);
  await client.query("COMMIT");
  await client.query("SELECT pg_advisory_unlock_shared($1)", [advisoryLocks.migration]);
}

/** The same bytes in larger pieces, each of which becomes a frame. */
async function* inChunks(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    held.push(chunk);
    size += chunk.length;
    if (size < chunkBytes) continue;
    yield Buffer.concat(held);
    held = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(held);
}

/** The count and the digest of a table's rows, as a backup stores them. */
export async function tableDigest(
  client: pg.Client,
  table: StoredTable,
): Promise<{ readonly rows: number; readonly digest: string }> {
  const hash = createHash("sha256");
  const stream = client.query(copyTo(copyOut(client, table)));
  for await (const chunk of stream) hash.update(chunk);
  return { rows: stream.rowCount, digest: hash.digest("hex") };
}

async function headerOf(client: pg.Client, version: string): Promise<BackupHeader> {
  // The time of the statement is set before its snapshot is taken, so everything that was acknowledged by then
  // is included.
  const { madeAt, migrated, postgres, encoding } = await oneRow<{
    madeAt: Date;
    migrated: boolean;
    postgres: string;
    encoding: string;
  }>(
    client,
    `SELECT statement_timestamp() AS "madeAt", to_regclass('public._prisma_migrations') IS NOT NULL
       AND to_regclass('public.installation') IS NOT NULL AS migrated,
       current_setting('server_version') AS postgres, current_setting('server_encoding') AS encoding`,
  );
  if (!migrated) throw new BackupRefusal("the database holds no Postern yet: start it once");
  if (encoding !== "UTF8") throw new BackupRefusal(`the database's encoding is ${encoding}, not UTF8`);
  const { seeding } = await oneRow<{ seeding: boolean }>(
    client,
    "SELECT seeding_since IS NOT NULL OR seeded_at IS NULL AS seeding FROM installation",
  );
  if (seeding) throw new BackupRefusal("its first start is not over: wait until Postern serves");
  const { rows: migrations } = await client.query<{ name: string; checksum: string }>(
    `SELECT migration_name AS name, checksum FROM _prisma_migrations
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1`,
  );
  const counted = await oneRow<
    Pick<BackupHeader, "people" | "assignments" | "activeAssignments" | "eligibilities" | "events">
  >(
    client,
    `SELECT (SELECT count(*)::int FROM principals WHERE type = 'User') AS people,
       (SELECT count(*)::int FROM assignments WHERE removed_at IS NULL AND (ends_at IS NULL OR ends_at > $1)) AS assignments,
       (SELECT count(*)::int FROM assignments WHERE removed_at IS NULL AND starts_at <= $1
          AND (ends_at IS NULL OR ends_at > $1)) AS "activeAssignments",
       (SELECT count(*)::int FROM eligibilities WHERE removed_at IS NULL AND (ends_at IS NULL OR ends_at > $1)) AS eligibilities,
       (SELECT count(*)::int FROM audit_events) AS events`,
    [madeAt],
  );
  const { rows: last } = await client.query<{ at: Date; kind: string }>(
    "SELECT occurred_at AS at, kind FROM audit_events ORDER BY occurred_at DESC, sequence DESC LIMIT 1",
  );
  return {
    version,
    postgres,
    madeAt: madeAt.toISOString(),
    migrations,
    ...counted,
    lastEvent: last[0] ? { at: last[0].at.toISOString(), kind: last[0].kind } : null,
  };
}
