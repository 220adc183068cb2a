import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import {
  type DecidedExtension,
  decideExtensionAttempt,
  decideExtensionIn,
} from "@/lib/operations/assignments/decide-extension";
import {
  type Batch,
  type BatchPreview,
  maximumRows,
  previewBatch,
  type RowResult,
  runBatch,
} from "@/lib/operations/gate/run-batch";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface ExtensionRow {
  /** The request's id. */
  readonly id: string;
  /** The end that the preview showed. An approval is refused if the end has changed. */
  readonly expectedEnd: Date | null;
}

export interface DecideExtensionsInput {
  /** At most `maximumRows` of run-batch.ts. */
  readonly rows: readonly ExtensionRow[];
  readonly decision: "Approve" | "Deny";
  /** The reason for all of them. Required. */
  readonly justification: string | null;
}

/** The operation that one code confirms: every request, with the present end of its access. */
export function approveExtensionsOperation(rows: readonly ExtensionRow[]): ProtectedOperation {
  return {
    kind: "ApproveExtensions",
    requests: rows.map(({ id, expectedEnd }) => ({ id, expectedEnd: expectedEnd?.toISOString() ?? null })),
  };
}

/**
 * Decides several waiting requests to extend or renew, each as requested, with one reason and, if the
 * settings of an active one require MFA, one proof. Each is judged by its own rules and succeeds or
 * fails on its own. Answers in the order of the rows, each once.
 */
export async function decideExtensions(
  database: Database,
  caller: Caller,
  input: DecideExtensionsInput & { readonly proofId: string | null },
): Promise<readonly RowResult<DecidedExtension>[]> {
  const batch = await batchOf(database, caller, input, (row) => ({ endsAt: row.expectedEnd }));
  return runBatch(database, caller, input.proofId, batch);
}

/** What `decideExtensions` would do now, by the same rules and whatever end was expected. Nothing is written. */
export async function previewExtensions(
  database: Database,
  caller: Caller,
  input: DecideExtensionsInput,
): Promise<BatchPreview<DecidedExtension>> {
  return previewBatch(database, await batchOf(database, caller, input, () => null));
}

async function batchOf(
  database: Database,
  caller: Caller,
  input: DecideExtensionsInput,
  expectedOf: (row: ExtensionRow) => { readonly endsAt: Date | null } | null,
): Promise<Batch<ExtensionRow, DecidedExtension>> {
  const { decision, justification } = input;
  const rows = [...new Map(input.rows.map((row) => [row.id, row])).values()];
  const operation = approveExtensionsOperation(rows);
  const subjects = await database.client.request.findMany({
    where: { id: { in: rows.map((row) => row.id) } },
    select: { id: true, eligibilityId: true, assignmentId: true },
    take: maximumRows,
  });
  // Eligibilities before assignments, by id: the order of batches that extend or remove.
  const places = new Map(
    subjects.map(({ id, eligibilityId, assignmentId }) => [
      id,
      eligibilityId ? `0 ${eligibilityId}` : `1 ${assignmentId}`,
    ]),
  );
  return {
    rows,
    order: (row) => places.get(row.id) ?? `2 ${row.id}`,
    attempt: () => decideExtensionAttempt(caller, input),
    work: (transaction, row, prove) =>
      decideExtensionIn(
        transaction,
        caller,
        { requestId: row.id, decision, justification, expected: expectedOf(row) },
        (asked) => (decision === "Deny" ? { decision } : { decision, startsAt: null, ...asked }),
        (resistantOnly) => prove(operation, resistantOnly),
      ),
  };
}
