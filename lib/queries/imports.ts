import type { ImportKind } from "@/lib/domain/import-kinds";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";
import { isId, peopleRights } from "@/lib/queries/people";

export const importRowsPageSize = 100;

export interface ImportSummary {
  readonly id: string;
  readonly kind: ImportKind;
  readonly status: "Staged" | "Applying" | "Applied" | "Discarded";
  readonly fileName: string;
  readonly createdAt: Date;
  readonly createdBy: string;
}

/** The newest fifty imports, for whoever may manage people at the root; null for anybody else. */
export function listImports(database: Database, caller: Caller): Promise<ImportSummary[] | null> {
  return inTransaction(database, async (transaction) => {
    if (!(await peopleRights(transaction, caller)).write) return null;
    return transaction.$queryRaw<ImportSummary[]>`
      SELECT i.id, i.kind::text, i.status::text, i.file_name AS "fileName", i.created_at AS "createdAt",
        p.display_name AS "createdBy"
      FROM imports i JOIN principals p ON p.id = i.created_by_id ORDER BY i.created_at DESC, i.id DESC LIMIT 50`;
  });
}

export type ImportTab = "Add" | "Change" | "Unchanged" | "Bad";

export interface ImportRowView {
  readonly number: number;
  readonly line: number;
  readonly title: string;
  readonly outcome: ImportTab;
  readonly state: "Pending" | "NeedsProof" | "Applied" | "Unchanged" | "Failed";
  readonly reason: string | null;
  readonly difference: { before?: Record<string, unknown>; after?: Record<string, unknown> } | null;
}

export interface ImportView extends ImportSummary {
  readonly digest: string;
  readonly capToMaximum: boolean;
  readonly counts: Readonly<Record<ImportTab, number>>;
  readonly done: number;
  readonly left: number;
  readonly needProof: number;
}

/** One import with how far it is, for whoever may manage people at the root; null for anybody else. */
export function viewImport(database: Database, caller: Caller, id: string): Promise<ImportView | null> {
  if (!isId(id)) return Promise.resolve(null);
  return inTransaction(database, async (transaction) => {
    if (!(await peopleRights(transaction, caller)).write) return null;
    const [row] = await transaction.$queryRaw<
      (Omit<ImportView, "counts"> & { add: number; change: number; unchanged: number; bad: number })[]
    >`
      SELECT i.id, i.kind::text, i.status::text, i.file_name AS "fileName", i.created_at AS "createdAt",
        p.display_name AS "createdBy", i.digest, i.cap_to_maximum AS "capToMaximum", c.*
      FROM imports i JOIN principals p ON p.id = i.created_by_id
      CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE outcome = 'Add')::int AS add,
          count(*) FILTER (WHERE outcome = 'Change')::int AS change,
          count(*) FILTER (WHERE outcome = 'Unchanged')::int AS unchanged,
          count(*) FILTER (WHERE outcome = 'Bad')::int AS bad,
          count(*) FILTER (WHERE state IN ('Pending', 'NeedsProof'))::int AS "left",
          count(*) FILTER (WHERE state = 'NeedsProof')::int AS "needProof",
          count(*) FILTER (WHERE state = 'Applied')::int AS done
        FROM import_rows WHERE import_id = i.id) c
      WHERE i.id = ${id}::uuid`;
    if (!row) return null;
    const { add, change, unchanged, bad, ...rest } = row;
    return { ...rest, counts: { Add: add, Change: change, Unchanged: unchanged, Bad: bad } };
  });
}

/** The rows of an import with one outcome, in the order of the file, a hundred a page; see `viewImport` for whom. */
export function listImportRows(
  database: Database,
  caller: Caller,
  filter: { readonly importId: string; readonly outcome: ImportTab; readonly after: number },
): Promise<ImportRowView[]> {
  return inTransaction(database, async (transaction) => {
    if (!(await peopleRights(transaction, caller)).write) return [];
    return transaction.$queryRaw<ImportRowView[]>`
      SELECT number, line, title, outcome::text, state::text, reason, difference FROM import_rows
      WHERE import_id = ${filter.importId}::uuid AND outcome = ${filter.outcome}::import_row_outcome
        AND number > ${filter.after}
      ORDER BY number LIMIT ${importRowsPageSize}`;
  });
}
