import type { FileRow, ImportKind, StoredImportKind } from "@/lib/domain/imports/import-kinds";
import type { ImportRight } from "@/lib/domain/imports/import-rights";
import type { Permission } from "@/lib/domain/roles/permissions";
import { normalisedName } from "@/lib/domain/text/names";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import { storeBlocks } from "@/lib/operations/imports/import-digest";
import type { ImportVerdict, ShownRow } from "@/lib/operations/imports/importer";
import type { Transaction } from "@/lib/platform/database";

/** A row with the result of its dry run, in the order in which it is applied. */
export interface JudgedRow {
  readonly row: FileRow;
  /** Null for a row that was not understood, or that changes nothing. */
  readonly verdict: ImportVerdict | null;
  /** Why a member whom the file does not name stays; null for any other row. */
  readonly stays: string | null;
  /** For an import of several files. */
  readonly of?: { readonly kind: ImportKind; readonly fileName: string | null };
}

/** Nobody types a file's name here, so characters that are not allowed in a name are left out. */
export function storedFileName(name: string): string {
  const visible = name.replaceAll(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, "");
  return normalisedName(visible).slice(0, 200) || "file";
}

/** How many rows one statement stores. The text of more would take too much memory at once. */
const rowsAtOnce = 2_000;

/** Stores rows with what each would do. Returns how many there are of each outcome. */
export async function storeRows(
  transaction: Transaction,
  importId: string,
  rows: readonly JudgedRow[],
): Promise<{ rows: number; add: number; change: number; remove: number; unchanged: number; bad: number }> {
  const stored = rows.map(({ row, verdict, stays, of }, position) => {
    const outcome = stays === null ? (verdict?.outcome ?? "Bad") : "Missing";
    const reason = "fault" in row ? row.fault : stays || verdict?.reason || null;
    const waits = verdict?.needsProof ? "NeedsProof" : "Pending";
    return {
      number: row.number,
      line: row.line,
      position,
      title: visibleSentence(row.title),
      data: "data" in row ? row.data : null,
      outcome,
      state: {
        Add: waits,
        Change: waits,
        Remove: waits,
        Unchanged: "Unchanged",
        Missing: "Unchanged",
        Bad: "Failed",
      }[outcome],
      reason: reason === null ? null : reason.split("\n").map(visibleSentence).join("\n"),
      difference: verdict?.difference ?? null,
      needs_passkey: verdict?.needsResistant ?? false,
      shown: verdict ? shownBy(verdict) : null,
      conflicts: verdict?.conflicts ?? null,
      kind: of?.kind ?? null,
      file_name: of?.fileName ?? null,
    };
  });
  for (let start = 0; start < stored.length; start += rowsAtOnce) {
    const some = stored.slice(start, start + rowsAtOnce);
    await transaction.$executeRaw`
    INSERT INTO import_rows (import_id, number, line, position, data, title, outcome, state, reason, difference, needs_passkey, shown,
      conflicts, kind, file_name)
    SELECT ${importId}::uuid, r.number, r.line, r.position, r.data, r.title, r.outcome, r.state, r.reason, r.difference,
      r.needs_passkey, r.shown, r.conflicts, r.kind, r.file_name
    FROM jsonb_to_recordset(${JSON.stringify(some)}::jsonb) AS r (number integer, line integer, position integer, data jsonb,
      title text, outcome import_row_outcome, state import_row_state, reason text, difference jsonb,
      needs_passkey boolean, shown jsonb, conflicts jsonb, kind import_kind, file_name text)`;
  }
  const count = (outcome: string) => stored.filter((row) => row.outcome === outcome).length;
  return {
    rows: stored.length,
    add: count("Add"),
    change: count("Change"),
    remove: count("Remove"),
    unchanged: count("Unchanged"),
    bad: count("Bad"),
  };
}

/** Creates the import itself. `finishImport` fills in its digest. */
export async function makeImport(
  transaction: Transaction,
  data: {
    readonly id?: string;
    readonly kind: StoredImportKind;
    readonly fileName: string;
    readonly capToMaximum: boolean;
    readonly createdById: string;
    /** For a scheduled import. */
    readonly scheduleId?: string | null;
  },
): Promise<string> {
  const made = await transaction.import.create({ data: { ...data, digest: "" }, select: { id: true } });
  return made.id;
}

/** Stores the rights that an import requires, and the digest of what it shows. Its rows are stored already. */
export async function finishImport(
  transaction: Transaction,
  importId: string,
  rights: readonly ImportRight[],
): Promise<void> {
  const digest = await storeBlocks(transaction, importId);
  await transaction.import.update({ where: { id: importId }, data: { digest } });
  await transaction.importRight.createMany({
    data: rights.map(({ resourceId, action, role }, position) => ({
      importId,
      position,
      resourceId,
      action,
      role: role ? { wanted: role.wanted.map(asJson), had: role.had.map(asJson) } : undefined,
    })),
  });
}

/** The result of a row's dry run, as it is stored; empty for a row that was not understood. */
function shownBy({ outcome, difference, about }: ImportVerdict): ShownRow | null {
  return outcome === "Bad" && about === null ? null : { outcome, difference, about };
}

function asJson({ actions, notActions, dataActions, notDataActions }: Permission) {
  return {
    actions: [...actions],
    notActions: [...notActions],
    dataActions: [...dataActions],
    notDataActions: [...notDataActions],
  };
}
