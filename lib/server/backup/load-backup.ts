import { once } from "node:events";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { BackupFile } from "@/lib/server/backup/backup-file";
import {
  altered,
  type BackupSequences,
  contentOf,
  endShape,
  readFrames,
  sequencesShape,
  tableEndShape,
  tableShape,
} from "@/lib/server/backup/frames";
import { BackupRefusal } from "@/lib/server/backup/refusal";
import { tableDigest } from "@/lib/server/backup/snapshot";
import { copyIn, type StoredTable, storedTables, writePlainly } from "@/lib/server/backup/stored-tables";
import { oneRow } from "@/lib/server/database/one-row";

/**
 * Replaces the contents of all tables with the rows of a verified backup, in one transaction. The database must have
 * exactly the migrations of the backup. Triggers do not run, so rows come as they were. The log, which nobody may
 * change, is written by its owner before anybody uses it. Foreign keys are created again after the rows were read,
 * which checks them. What the database enforced before, it enforces afterwards. Each table is read back and compared.
 */
export async function loadBackup(client: pg.Client, file: BackupFile, digest: string): Promise<void> {
  await writePlainly(client);
  await client.query("BEGIN");
  const before = await enforced(client);
  const tables = new Map((await storedTables(client)).map((table) => [table.name, table]));
  const names = [...tables.keys()].map((name) => client.escapeIdentifier(name));
  const foreignKeys = await foreignKeysOf(client);
  for (const { table, name } of foreignKeys)
    await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${client.escapeIdentifier(name)}`);
  for (const name of names) await client.query(`ALTER TABLE ${name} DISABLE TRIGGER USER`);
  await client.query(`TRUNCATE ${names.join(", ")}`);
  await readIn(client, file, tables, digest);
  // Foreign keys are checked by queries, which need to know the sizes of the tables.
  await client.query("ANALYZE");
  for (const { table, name, definition } of foreignKeys)
    await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${client.escapeIdentifier(name)} ${definition}`);
  for (const name of names) await client.query(`ALTER TABLE ${name} ENABLE TRIGGER USER`);
  if ((await enforced(client)) !== before)
    throw new Error("the database does not enforce what it enforced before");
  await client.query("COMMIT");
}

async function readIn(
  client: pg.Client,
  file: BackupFile,
  tables: ReadonlyMap<string, StoredTable>,
  digest: string,
): Promise<void> {
  const left = new Set(tables.keys());
  let same = false;
  let table: StoredTable | null = null;
  let copy: ReturnType<typeof copyFrom> | null = null;
  for await (const frame of readFrames(file.frames())) {
    switch (frame.kind) {
      case "T":
        table = expected(tables, left, contentOf(frame, tableShape));
        copy = client.query(copyFrom(copyIn(client, table)));
        // Its errors reject `finished`. One that comes between two frames must not end the process.
        copy.on("error", () => {});
        break;
      case "D":
        if (copy?.errored) throw copy.errored;
        if (copy && !copy.write(frame.payload)) await once(copy, "drain");
        break;
      case "E": {
        if (table === null || copy === null) throw altered();
        await finished(copy);
        const wanted = contentOf(frame, tableEndShape);
        const found = await tableDigest(client, table);
        if (found.rows !== wanted.rows || found.digest !== wanted.digest)
          throw new BackupRefusal(`the table ${table.name} differs from the backup`);
        break;
      }
      case "S":
        await advance(client, contentOf(frame, sequencesShape));
        break;
      case "Z":
        // From what was read just now, not from what the end says, since there may be another file by now.
        same = contentOf(frame, endShape).digest === digest && frame.digestBefore() === digest;
    }
  }
  if (!same) throw new BackupRefusal("the file was replaced while it was read");
  if (left.size > 0) throw new BackupRefusal(`the backup has no ${[...left].join(", ")}`);
}

/** The table of this database that a backup names, with its columns in the order of the backup. */
function expected(
  tables: ReadonlyMap<string, StoredTable>,
  left: Set<string>,
  { name, columns }: { readonly name: string; readonly columns: readonly string[] },
): StoredTable {
  const own = tables.get(name);
  const alike =
    own && own.columns.length === columns.length && own.columns.every((column) => columns.includes(column));
  if (!own || !alike || !left.delete(name))
    throw new BackupRefusal(`the table ${JSON.stringify(name)} of the backup is not one of this version`);
  return { ...own, columns };
}

function finished(copy: ReturnType<typeof copyFrom>): Promise<void> {
  return new Promise((resolve, reject) => {
    if (copy.errored) return reject(copy.errored);
    copy.once("error", reject);
    copy.once("finish", resolve);
    copy.end();
  });
}

async function advance(client: pg.Client, wanted: BackupSequences): Promise<void> {
  for (const { name, value, called } of wanted)
    await client.query("SELECT setval($1::regclass, $2, $3)", [client.escapeIdentifier(name), value, called]);
}

interface ForeignKey {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

async function foreignKeysOf(client: pg.Client): Promise<readonly ForeignKey[]> {
  const { rows } = await client.query<ForeignKey>(
    `SELECT conrelid::regclass::text AS table, conname AS name, pg_get_constraintdef(oid) AS definition
     FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conparentid = 0
     ORDER BY conrelid::regclass::text, conname`,
  );
  return rows;
}

/**
 * Everything by which the database refuses changes, as one digest: constraints, triggers and whether they run,
 * and rights.
 */
export async function enforced(client: pg.Client): Promise<string> {
  const { digest } = await oneRow<{ digest: string }>(
    client,
    `SELECT encode(sha256(convert_to(string_agg(line, E'\\n' ORDER BY line), 'UTF8')), 'hex') AS digest FROM (
       SELECT concat_ws(' ', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid)) AS line
         FROM pg_constraint WHERE connamespace = 'public'::regnamespace
       UNION ALL
       SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(t.oid))
         FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
         WHERE NOT tgisinternal AND c.relnamespace = 'public'::regnamespace
       UNION ALL
       SELECT concat_ws(' ', oid::regclass, relacl, relowner, relrowsecurity) FROM pg_class
         WHERE relnamespace = 'public'::regnamespace
     ) lines`,
  );
  return digest;
}
