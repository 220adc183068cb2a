import type { Transaction } from "@/lib/platform/database";

/**
 * The digest of an import in the database: what its file said, and what each row was shown to do, to whom and where.
 * An administrator's proof is bound to it. What applying writes into the rows does not count.
 */
export async function importDigest(transaction: Transaction, importId: string): Promise<string> {
  const [row] = await transaction.$queryRaw<{ digest: string }[]>`
    SELECT encode(sha256(convert_to(i.kind || ' ' || i.cap_to_maximum || E'\\n' || coalesce((
      SELECT string_agg(r.number || ' ' || r.position || coalesce(' ' || r.kind, '') || ' ' || coalesce(r.data::text, '') || ' ' || r.shown::text, E'\\n'
        ORDER BY r.number)
      FROM import_rows r WHERE r.import_id = i.id AND r.shown IS NOT NULL), ''), 'UTF8')), 'hex') AS digest
    FROM imports i WHERE i.id = ${importId}::uuid`;
  return row?.digest ?? "";
}
