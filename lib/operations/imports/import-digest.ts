import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * The digest of an import covers what its file said, and what each row was shown to do, to whom and where. An
 * administrator's proof is bound to it. What applying writes into the rows is not covered. It is made of the digests
 * of blocks of rows, so a batch is checked by its own blocks alone, however many rows there are.
 */
const blockRows = 500;

const block = Prisma.sql`(r.position / ${Prisma.raw(String(blockRows))})`;

/** The blocks of the rows, as they are now. */
const blocksOfRows = (importId: string, positions: Prisma.Sql = Prisma.empty) => Prisma.sql`
  SELECT ${block} AS block, encode(sha256(convert_to(string_agg(
    r.number || ' ' || r.position || coalesce(' ' || r.kind, '') || ' ' || coalesce(r.data::text, '') || ' ' || r.shown::text,
    E'\\n' ORDER BY r.position, r.number), 'UTF8')), 'hex') AS digest
  FROM import_rows r WHERE r.import_id = ${importId}::uuid AND r.shown IS NOT NULL ${positions}
  GROUP BY 1`;

async function digestOf(transaction: Transaction, importId: string, blocks: Prisma.Sql): Promise<string> {
  const [row] = await transaction.$queryRaw<{ digest: string }[]>`
    SELECT encode(sha256(convert_to(i.kind || ' ' || i.cap_to_maximum || E'\\n' || coalesce((
      SELECT string_agg(b.block || ' ' || b.digest, E'\\n' ORDER BY b.block) FROM (${blocks}) b), ''), 'UTF8')), 'hex') AS digest
    FROM imports i WHERE i.id = ${importId}::uuid`;
  return row?.digest ?? "";
}

/** The digest of an import by all its rows, as they are now. */
export function importDigest(transaction: Transaction, importId: string): Promise<string> {
  return digestOf(transaction, importId, blocksOfRows(importId));
}

/** The digest of an import by its blocks. It holds for the rows whose blocks are unchanged (`areAsShown`). */
export function digestOfBlocks(transaction: Transaction, importId: string): Promise<string> {
  const stored = Prisma.sql`SELECT block, digest FROM import_blocks WHERE import_id = ${importId}::uuid`;
  return digestOf(transaction, importId, stored);
}

/** Stores the blocks of an import's rows, which are stored. Returns its digest. */
export async function storeBlocks(transaction: Transaction, importId: string): Promise<string> {
  await transaction.$executeRaw`
    INSERT INTO import_blocks (import_id, block, digest)
    SELECT ${importId}::uuid, b.block, b.digest FROM (${blocksOfRows(importId)}) b`;
  return digestOfBlocks(transaction, importId);
}

/** Whether these rows, and all others of their blocks, match the digests of the blocks. */
export async function areAsShown(
  transaction: Transaction,
  importId: string,
  positions: readonly number[],
): Promise<boolean> {
  const blocks = [...new Set(positions.map((position) => Math.floor(position / blockRows)))];
  const now = blocksOfRows(
    importId,
    Prisma.sql`AND ${block} = ANY (${blocks}::integer[])
    AND r.position BETWEEN ${Math.min(...blocks) * blockRows}::integer AND ${(Math.max(...blocks) + 1) * blockRows - 1}::integer`,
  );
  const [row] = await transaction.$queryRaw<{ same: number }[]>`
    SELECT count(*)::int AS same FROM (${now}) n JOIN import_blocks b
      ON b.import_id = ${importId}::uuid AND b.block = n.block AND b.digest = n.digest`;
  return row?.same === blocks.length;
}
