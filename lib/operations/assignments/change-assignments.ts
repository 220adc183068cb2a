import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { knownWord } from "@/lib/domain/text/known-word";
import type { Schedule } from "@/lib/domain/time/schedule";
import { extensionAttempt } from "@/lib/operations/assignments/extend-assignment";
import { extendOrRenewAssignmentIn } from "@/lib/operations/assignments/extend-or-renew-assignment";
import { removalAttempt, removeAssignmentIn } from "@/lib/operations/assignments/remove-assignment-in";
import { renewalAttempt } from "@/lib/operations/assignments/renew-assignment";
import {
  type Batch,
  type BatchPreview,
  previewBatch,
  type RowResult,
  runBatch,
} from "@/lib/operations/gate/run-batch";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface AssignmentRow {
  readonly assignmentType: "Eligible" | "Active";
  /** The eligibility's or the assignment's id. */
  readonly id: string;
  /** The end that the preview showed; null: permanent. An extension is refused if the end has changed. */
  readonly expectedEnd: Date | null;
}

/** What is done to every row: extend to the same end, renew for the same time, or remove now. */
export type Change =
  | { readonly change: "Extend"; readonly endsAt: Date }
  /** Start null: at once. */
  | { readonly change: "Renew"; readonly startsAt: Date | null; readonly endsAt: Date }
  | { readonly change: "Remove" };

export interface ChangeAssignmentsInput {
  /** At most `maximumRows` of run-batch.ts; each once. */
  readonly rows: readonly AssignmentRow[];
  readonly change: Change;
  /** The reason for all of them. */
  readonly justification: string | null;
}

/** What a change does to a row. */
export type RowChange =
  | { readonly change: "Extend" | "Renew"; readonly before: Schedule; readonly after: Schedule }
  | { readonly change: "Remove"; readonly endedActivations: number };

/** The operation that one code confirms: every row with its present end, and the new end. */
export function extendAssignmentsOperation(rows: readonly AssignmentRow[], endsAt: Date): ProtectedOperation {
  return {
    kind: "ExtendAssignments",
    rows: rows.map(({ assignmentType, id, expectedEnd }) => ({
      assignmentType,
      id,
      expectedEnd: expectedEnd?.toISOString() ?? null,
    })),
    endsAt: endsAt.toISOString(),
  };
}

/** The operation that one code confirms: every row and the time. */
export function renewAssignmentsOperation(
  rows: readonly Pick<AssignmentRow, "assignmentType" | "id">[],
  startsAt: Date | null,
  endsAt: Date,
): ProtectedOperation {
  return {
    kind: "RenewAssignments",
    rows: rows.map(({ assignmentType, id }) => ({ assignmentType, id })),
    startsAt: startsAt?.toISOString() ?? null,
    endsAt: endsAt.toISOString(),
  };
}

/** The operation that a proof for this change is bound to; null if none is ever required. */
export function changeOperation(rows: readonly AssignmentRow[], change: Change): ProtectedOperation | null {
  switch (change.change) {
    case "Extend":
      return extendAssignmentsOperation(rows, change.endsAt);
    case "Renew":
      return renewAssignmentsOperation(rows, change.startsAt, change.endsAt);
    case "Remove":
      return null;
  }
}

function batchOf(
  caller: Caller,
  input: ChangeAssignmentsInput,
  /** The end that the row was shown with. Null in a preview, since the preview shows it. */
  expectedOf: (row: AssignmentRow) => Pick<Schedule, "endsAt"> | null,
): Batch<AssignmentRow, RowChange> {
  const { change, justification } = input;
  knownWord(change.change, ["Extend", "Renew", "Remove"]);
  const rows = [...new Map(input.rows.map((row) => [row.id, row])).values()];
  // Eligibilities before assignments, by id: the order of locks.
  const order = (row: AssignmentRow) => `${row.assignmentType === "Eligible" ? 0 : 1} ${row.id}`;
  const operation = changeOperation(rows, change);
  if (change.change === "Remove" || !operation) {
    return {
      rows,
      order,
      attempt: (row) => removalAttempt(caller, { ...row, justification }),
      work: async (transaction, row) => {
        const { endedActivations } = await removeAssignmentIn(transaction, caller, { ...row, justification });
        return { change: "Remove", endedActivations };
      },
    };
  }
  const time = { startsAt: change.change === "Renew" ? change.startsAt : null, endsAt: change.endsAt };
  const verb = change.change === "Renew" ? "Renewed" : "Extended";
  const attempt = (row: AssignmentRow) =>
    verb === "Renewed"
      ? renewalAttempt(caller, { ...row, ...time, justification })
      : extensionAttempt(caller, { ...row, ...time, justification });
  return {
    rows,
    order,
    attempt,
    work: async (transaction, row, prove) => {
      const expected = verb === "Renewed" ? null : expectedOf(row);
      const proposal = { ...row, ...time, expected, justification };
      const done = await extendOrRenewAssignmentIn(
        transaction,
        caller,
        verb,
        proposal,
        prove,
        operation,
        attempt(row),
      );
      return { change: change.change, before: done.before, after: done.after };
    },
  };
}

/**
 * Extends, renews or removes many assignments with one reason and, if a direct assignment's settings require MFA, one
 * proof. Each row is judged by its own rules and succeeds or fails on its own. Answers in the order of the rows.
 */
export function changeAssignments(
  database: Database,
  caller: Caller,
  input: ChangeAssignmentsInput & { readonly proofId: string | null },
): Promise<readonly RowResult<RowChange>[]> {
  return runBatch(
    database,
    caller,
    input.proofId,
    batchOf(caller, input, (row) => ({ endsAt: row.expectedEnd })),
  );
}

/**
 * What `changeAssignments` would do to each row now, by the same rules and whatever end was expected. Nothing is
 * written.
 */
export function previewChange(
  database: Database,
  caller: Caller,
  input: ChangeAssignmentsInput,
): Promise<BatchPreview<RowChange>> {
  return previewBatch(
    database,
    batchOf(caller, input, () => null),
  );
}
