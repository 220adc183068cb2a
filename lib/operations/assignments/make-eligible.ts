import type { ShownEligibility } from "@/lib/domain/assignments/make-eligible";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import {
  type MadeEligible,
  makeEligibleAttempt,
  makeEligibleIn,
} from "@/lib/operations/assignments/make-eligible-in";
import {
  type Batch,
  type BatchPreview,
  previewBatch,
  type RowResult,
  runBatch,
} from "@/lib/operations/gate/run-batch";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import type { ConfirmingIssuers } from "@/lib/platform/sql/factors-in-force";

/** A direct assignment with what the preview said of it. */
export interface RowToMakeEligible {
  readonly id: string;
  /** Null if the preview refused it. Then it is left out, and reported in its place. */
  readonly shown: ShownEligibility | null;
}

export interface MakeEligibleInput {
  /** At most `maximumRows` of run-batch.ts; each once. */
  readonly rows: readonly RowToMakeEligible[];
  /** The reason for all of them. */
  readonly justification: string | null;
}

/** The operation that one code confirms: every assignment with what was shown of it. */
export function makeEligibleOperation(rows: readonly RowToMakeEligible[]): ProtectedOperation {
  return {
    kind: "MakeEligible",
    rows: previewed(rows).map(({ id, shown }) => ({
      id,
      startsAt: shown.startsAt.toISOString(),
      endsAt: shown.endsAt?.toISOString() ?? null,
      eligibleUntil: shown.eligibleUntil?.toISOString() ?? null,
      keptId: shown.keptId,
      readiness: shown.readiness,
    })),
  };
}

/** The rows that the preview showed, each once. */
function previewed(rows: readonly RowToMakeEligible[]) {
  const shown = rows.flatMap(({ id, shown }) => (shown ? [{ id, shown }] : []));
  return [...new Map(shown.map((row) => [row.id, row])).values()];
}

const leftOut: RowResult<MadeEligible> = {
  ok: false,
  error: { code: "StaleEdit", message: "Left out, since the preview refused it." },
};

function batchOf(
  caller: Caller,
  rows: readonly { readonly id: string; readonly shown: ShownEligibility | null }[],
  justification: string | null,
  operation: ProtectedOperation,
  issuers: ConfirmingIssuers,
): Batch<(typeof rows)[number], MadeEligible> {
  return {
    rows,
    order: ({ id }) => id,
    attempt: (row) => makeEligibleAttempt(caller, { ...row, justification }),
    work: (transaction, row, prove) =>
      makeEligibleIn(transaction, caller, { ...row, justification }, prove, operation, issuers),
  };
}

/**
 * Turns direct assignments into eligibilities with one reason and, if one is the caller's own, one proof. Each is
 * judged by its own rules and succeeds or fails on its own. Answers in the order of the rows.
 */
export async function makeEligible(
  database: Database,
  caller: Caller,
  { rows, justification, proofId }: MakeEligibleInput & { readonly proofId: string | null },
  issuers: ConfirmingIssuers,
): Promise<readonly RowResult<MadeEligible>[]> {
  const judged = previewed(rows);
  const batch = batchOf(caller, judged, justification, makeEligibleOperation(rows), issuers);
  const results = judged.length === 0 ? [] : await runBatch(database, caller, proofId, batch);
  const resultOf = new Map(judged.map(({ id }, index) => [id, results[index]]));
  return rows.map(({ id }) => resultOf.get(id) ?? leftOut);
}

/** What `makeEligible` would do to each assignment now, by the same rules. Nothing is written. */
export function previewMakeEligible(
  database: Database,
  caller: Caller,
  { ids, justification }: { readonly ids: readonly string[]; readonly justification: string | null },
  issuers: ConfirmingIssuers,
): Promise<BatchPreview<MadeEligible>> {
  const rows = [...new Set(ids)].map((id) => ({ id, shown: null }));
  return previewBatch(database, batchOf(caller, rows, justification, makeEligibleOperation([]), issuers));
}
