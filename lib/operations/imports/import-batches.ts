import { resistsPhishing } from "@/lib/domain/gate/step-up-method";
import { type ImportKind, severalKinds } from "@/lib/domain/imports/import-kinds";
import { areAsShown } from "@/lib/operations/imports/import-digest";
import type { ImportProof, ImportVerdict } from "@/lib/operations/imports/importer";
import type { LockedImport } from "@/lib/operations/imports/load-import";
import { type StoredItem, shownRow } from "@/lib/operations/imports/run-importer";
import type { Transaction } from "@/lib/platform/database";

/** How many rows one transaction applies. */
const batchRows = 500;

interface Batch {
  readonly kind: ImportKind;
  readonly rows: readonly StoredItem[];
}

interface WaitingRow extends Omit<StoredItem, "shown"> {
  readonly position: number;
  readonly shown: unknown;
  readonly kind: ImportKind | null;
  readonly ready: boolean;
}

/**
 * The next rows of one kind. Rows that require a proof are included if there is one by a factor that
 * they accept. In an import of several kinds, no row overtakes one that waits for a proof, since later
 * rows may build on earlier ones. `Changed` if the rows are not those that were confirmed.
 */
export async function nextBatch(
  transaction: Transaction,
  { id, kind }: LockedImport,
  proof: ImportProof | null,
): Promise<Batch | "Changed"> {
  const several = kind === severalKinds;
  const found = await transaction.$queryRaw<WaitingRow[]>`
    (SELECT number, position, data, shown, kind::text, true AS ready FROM import_rows
      WHERE import_id = ${id}::uuid AND state = 'Pending' ORDER BY position LIMIT ${batchRows})
    UNION ALL
    (SELECT number, position, data, shown, kind::text, ready FROM (
      SELECT *, ${proof !== null} AND (NOT needs_passkey OR ${resistsPhishing(proof?.method ?? null)}) AS ready
      FROM import_rows WHERE import_id = ${id}::uuid AND state = 'NeedsProof') waiting
      WHERE ready OR ${several} ORDER BY position LIMIT ${batchRows})
    ORDER BY position LIMIT ${batchRows}`;
  const first = found[0]?.kind ?? null;
  const end = several ? found.findIndex((row) => !row.ready || row.kind !== first) : -1;
  const batch = end === -1 ? found : found.slice(0, end);
  const positions = batch.map(({ position }) => position);
  if (batch.length > 0 && !(await areAsShown(transaction, id, positions))) return "Changed";
  const rows = batch.map(({ number, data, shown }) => ({
    ...{ number, data },
    shown: shownRow(shown),
  }));
  // An import of several kinds without rows is handled like any other.
  return { kind: several ? (first ?? "Resources") : kind, rows };
}

/** Stores the result of each row. */
export async function keepVerdicts(
  transaction: Transaction,
  importId: string,
  verdicts: readonly ImportVerdict[],
): Promise<void> {
  const rows = verdicts.map((verdict) => ({
    number: verdict.number,
    outcome: verdict.outcome,
    reason: verdict.reason,
    difference: verdict.difference,
    needs_passkey: verdict.needsResistant ?? false,
    conflicts: verdict.conflicts ?? null,
    state: verdict.needsProof
      ? "NeedsProof"
      : { Add: "Applied", Change: "Applied", Remove: "Applied", Unchanged: "Unchanged", Bad: "Failed" }[
          verdict.outcome
        ],
  }));
  await transaction.$executeRaw`
    UPDATE import_rows SET outcome = r.outcome, state = r.state, reason = r.reason,
      difference = coalesce(r.difference, import_rows.difference), needs_passkey = r.needs_passkey, conflicts = r.conflicts
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (number integer, outcome import_row_outcome,
      state import_row_state, reason text, difference jsonb, needs_passkey boolean, conflicts jsonb)
    WHERE import_rows.import_id = ${importId}::uuid AND import_rows.number = r.number`;
}
