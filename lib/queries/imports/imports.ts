import { z } from "zod";
import { importHandledBy, importsHandledWithRoles, mayHandleImport } from "@/lib/authority/import-authority";
import {
  type ImportKind,
  importProofMinutes,
  type StoredImportKind,
} from "@/lib/domain/imports/import-kinds";
import { type ImportPrincipal, importPrincipalShape } from "@/lib/domain/imports/import-principal";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { ExceptionToAsk } from "@/lib/domain/roles/conflict-exception";
import { isUuid } from "@/lib/domain/text/uuid";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";
import { exceptionsToAskFor, exceptionsWantedShape } from "@/lib/queries/imports/exceptions-of-rows";
import { peopleRights } from "@/lib/queries/people/people";

export const importRowsPageSize = 40;

export interface ImportSummary {
  readonly id: string;
  readonly kind: StoredImportKind;
  /** Stopped: a part is applied, and the rest waits for a new confirmation. */
  readonly status: "Staged" | "Applying" | "Stopped" | "Applied" | "Discarded";
  readonly fileName: string;
  readonly createdAt: Date;
  readonly createdBy: PrincipalIdentity;
}

const status = Prisma.sql`
  CASE WHEN i.status = 'Applying' AND i.confirmed_at IS NULL THEN 'Stopped' ELSE i.status::text END AS status`;

const importsPageSize = 50;

/** A page of imports. A total would reveal how many there are that the caller may not know of. */
export interface ImportList {
  readonly rows: readonly ImportSummary[];
  readonly next: string | null;
}

/**
 * The imports that the caller may handle (`mayHandleImport`), newest first, fifty a page; `after` is the id of the last
 * one shown. Null if they may not import.
 */
export function listImports(
  database: Database,
  caller: Caller,
  after: string | null = null,
): Promise<ImportList | null> {
  return readOnce(database, async (transaction) => {
    if (!(await peopleRights(transaction, caller)).write) return null;
    const found: ImportSummary[] = [];
    let from = after;
    do {
      const rows = await transaction.$queryRaw<ImportSummary[]>`
        SELECT i.id, i.kind::text, ${status}, i.file_name AS "fileName", i.created_at AS "createdAt",
          ${identityColumn("p")} AS "createdBy"
        FROM imports i JOIN principals p ON p.id = i.created_by_id
        WHERE ${importHandledBy(caller.userId)} AND (${from}::uuid IS NULL OR (i.created_at, i.id) <
          (SELECT last.created_at, last.id FROM imports last WHERE last.id = ${from}::uuid))
        ORDER BY i.created_at DESC, i.id DESC LIMIT ${importsPageSize}`;
      const ids = rows.map(({ id }) => id);
      const handled = await importsHandledWithRoles(transaction, caller.userId, ids);
      found.push(...rows.filter(({ id }) => handled.has(id)));
      from = rows.length === importsPageSize ? (ids.at(-1) ?? null) : null;
    } while (from !== null && found.length <= importsPageSize);
    const rows = found.slice(0, importsPageSize);
    return { rows, next: found.length > importsPageSize ? (rows.at(-1)?.id ?? null) : null };
  });
}

/** Missing: a member whom the file does not list, and who stays. */
export type ImportTab = "Add" | "Change" | "Remove" | "Unchanged" | "Missing" | "Bad";

export interface ImportRowView {
  readonly number: number;
  readonly line: number;
  readonly title: string;
  /** Of an import of several files: the kind of the row, and its file. */
  readonly kind: ImportKind | null;
  readonly fileName: string | null;
  readonly outcome: ImportTab;
  readonly state: "Pending" | "NeedsProof" | "Applied" | "Unchanged" | "Failed";
  readonly reason: string | null;
  readonly difference: { before?: Record<string, unknown>; after?: Record<string, unknown> } | null;
  /** The principals that its names identified when the file was read. */
  readonly principals: readonly ImportPrincipal[];
  /** The conflict rules that refuse it and of which the reader may request an exception. */
  readonly exceptions: readonly ExceptionToAsk[];
}

export interface ImportView extends ImportSummary {
  readonly digest: string;
  readonly capToMaximum: boolean;
  readonly counts: Readonly<Record<ImportTab, number>>;
  /** Rows that made a change. */
  readonly changed: number;
  /** Rows that are done. */
  readonly done: number;
  readonly left: number;
  readonly needProof: number;
  /** How many of those require a phishing-resistant factor. */
  readonly needPasskey: number;
  /** Who confirmed it and when, once it is confirmed. */
  readonly confirmedBy: PrincipalIdentity | null;
  readonly confirmedAt: Date | null;
  /** Until when the code of its confirmation is valid; null if there is none. */
  readonly proofUntil: Date | null;
  readonly stopReason: string | null;
  /** Whether a worker was seen in the last minute. */
  readonly workerRuns: boolean;
}

/** One import with its progress, for callers who may handle it (`mayHandleImport`). Null for anybody else. */
export function viewImport(database: Database, caller: Caller, id: string): Promise<ImportView | null> {
  if (!isUuid(id)) return Promise.resolve(null);
  return readOnce(database, async (transaction) => {
    if (!(await mayHandle(transaction, caller, id))) return null;
    const [row] = await transaction.$queryRaw<
      (Omit<ImportView, "counts"> &
        Record<"add" | "change" | "remove" | "unchanged" | "missing" | "bad", number>)[]
    >`
      SELECT i.id, i.kind::text, ${status}, i.file_name AS "fileName", i.created_at AS "createdAt",
        ${identityColumn("p")} AS "createdBy", i.digest, i.cap_to_maximum AS "capToMaximum", CASE WHEN by.id IS NOT NULL THEN ${identityColumn("by")} END AS "confirmedBy",
        i.confirmed_at AS "confirmedAt",
        CASE WHEN i.proof_id IS NOT NULL
          THEN i.confirmed_at + make_interval(mins => ${importProofMinutes}::int) END AS "proofUntil",
        i.stop_reason AS "stopReason", c.*,
        EXISTS (SELECT FROM worker_instances w
          WHERE w.stopped_at IS NULL AND w.seen_at > postern_now() - interval '1 minute') AS "workerRuns"
      FROM imports i JOIN principals p ON p.id = i.created_by_id
      LEFT JOIN principals by ON by.id = i.confirmed_by_id
      CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE outcome = 'Add')::int AS add,
          count(*) FILTER (WHERE outcome = 'Change')::int AS change,
          count(*) FILTER (WHERE outcome = 'Remove')::int AS remove,
          count(*) FILTER (WHERE outcome = 'Unchanged')::int AS unchanged,
          count(*) FILTER (WHERE outcome = 'Missing')::int AS missing,
          count(*) FILTER (WHERE outcome = 'Bad')::int AS bad,
          count(*) FILTER (WHERE state IN ('Pending', 'NeedsProof'))::int AS "left",
          count(*) FILTER (WHERE state = 'NeedsProof')::int AS "needProof",
          count(*) FILTER (WHERE state = 'NeedsProof' AND needs_passkey)::int AS "needPasskey",
          count(*) FILTER (WHERE state NOT IN ('Pending', 'NeedsProof') AND outcome <> 'Missing')::int AS done,
          count(*) FILTER (WHERE state = 'Applied')::int AS changed
        FROM import_rows WHERE import_id = i.id) c
      WHERE i.id = ${id}::uuid`;
    if (!row) return null;
    const { add, change, remove, unchanged, missing, bad, ...rest } = row;
    const counts = {
      Add: add,
      Change: change,
      Remove: remove,
      Unchanged: unchanged,
      Missing: missing,
      Bad: bad,
    };
    return { ...rest, counts };
  });
}

const fields = z.record(z.string(), z.unknown()).optional();
/** A row's JSON columns. */
const storedShape = z.object({
  difference: z.object({ before: fields, after: fields }).nullable(),
  principals: z.array(importPrincipalShape),
  conflicts: exceptionsWantedShape,
});

type StoredRow = Omit<ImportRowView, "difference" | "principals" | "exceptions"> & {
  readonly difference: unknown;
  readonly principals: unknown;
  readonly conflicts: unknown;
};

/**
 * The rows of an import with one outcome, in the order of the file, a hundred a page, for callers who
 * get an answer from `viewImport`.
 */
export function listImportRows(
  database: Database,
  caller: Caller,
  filter: { readonly importId: string; readonly outcome: ImportTab; readonly after: number },
): Promise<ImportRowView[]> {
  if (!isUuid(filter.importId)) return Promise.resolve([]);
  return readOnce(database, async (transaction) => {
    if (!(await mayHandle(transaction, caller, filter.importId))) return [];
    const rows = await transaction.$queryRaw<StoredRow[]>`
      SELECT number, line, title, kind::text, file_name AS "fileName", outcome::text, state::text, reason, difference,
        coalesce(shown -> 'about' -> 'principals', '[]') AS principals, coalesce(conflicts, '[]') AS conflicts
      FROM import_rows
      WHERE import_id = ${filter.importId}::uuid AND outcome = ${filter.outcome}::import_row_outcome
        AND number > ${filter.after}
      ORDER BY number LIMIT ${importRowsPageSize}`;
    const parsed = rows.map((row) => ({ ...row, ...storedShape.parse(row) }));
    const wanted = parsed.flatMap(({ conflicts }) => conflicts);
    const toAsk = await exceptionsToAskFor(transaction, caller.userId, wanted);
    return parsed.map(({ conflicts, ...row }) => ({ ...row, exceptions: conflicts.flatMap(toAsk) }));
  });
}

async function mayHandle(transaction: Transaction, caller: Caller, importId: string): Promise<boolean> {
  return (
    (await peopleRights(transaction, caller)).write &&
    (await mayHandleImport(transaction, caller.userId, importId))
  );
}
