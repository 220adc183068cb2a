import type { ProtectedOperation } from "@/lib/domain/protected-operation";
import type { Schedule } from "@/lib/domain/schedule";
import { extensionAttempt } from "@/lib/operations/extend-assignment";
import { prolongAssignment } from "@/lib/operations/prolong-assignment";
import {
  type Batch,
  type BatchPreview,
  previewBatch,
  type RowResult,
  runBatch,
} from "@/lib/operations/run-batch";
import { removalAttempt, takeAwayRole } from "@/lib/operations/take-away-role";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface AssignmentRow {
  readonly assignmentType: "Eligible" | "Active";
  /** The eligibility's or the assignment's id. */
  readonly id: string;
}

/** What is done to every row: the same end for all, or taken away at once. */
export type Change = { readonly change: "Extend"; readonly endsAt: Date } | { readonly change: "Remove" };

export interface ChangeAssignmentsInput {
  /** At most `maximumRows` of run-batch.ts; each once. */
  readonly rows: readonly AssignmentRow[];
  readonly change: Change;
  /** Of all of them. */
  readonly justification: string | null;
}

/** What a change does to a row. */
export type RowChange =
  | { readonly change: "Extend"; readonly before: Schedule; readonly after: Schedule }
  | { readonly change: "Remove"; readonly endedActivations: number };

/** The operation that one code confirms: every row and the end. */
export function extendAssignmentsOperation(rows: readonly AssignmentRow[], endsAt: Date): ProtectedOperation {
  return {
    kind: "ExtendAssignments",
    rows: rows.map(({ assignmentType, id }) => ({ assignmentType, id })),
    endsAt: endsAt.toISOString(),
  };
}

function batchOf(caller: Caller, input: ChangeAssignmentsInput): Batch<AssignmentRow, RowChange> {
  const { change, justification } = input;
  const rows = [...new Map(input.rows.map((row) => [row.id, row])).values()];
  const common = {
    rows,
    // Eligibilities before assignments, by id: the order of locks.
    order: (row: AssignmentRow) => `${row.assignmentType === "Eligible" ? 0 : 1} ${row.id}`,
  };
  if (change.change === "Remove") {
    return {
      ...common,
      operation: extendAssignmentsOperation([], new Date(0)),
      attempt: (row) => removalAttempt(caller, { ...row, justification }),
      work: async (transaction, row) => {
        const { endedActivations } = await takeAwayRole(transaction, caller, { ...row, justification });
        return { change: "Remove", endedActivations };
      },
    };
  }
  const { endsAt } = change;
  const operation = extendAssignmentsOperation(rows, endsAt);
  const attempt = (row: AssignmentRow) => extensionAttempt(caller, { ...row, endsAt, justification });
  return {
    ...common,
    operation,
    attempt,
    work: async (transaction, row, prove) => {
      const wish = { ...row, startsAt: null, endsAt, justification };
      const done = await prolongAssignment(
        transaction,
        caller,
        "Extended",
        wish,
        prove,
        operation,
        attempt(row),
      );
      return { change: "Extend", before: done.before, after: done.after };
    },
  };
}

/**
 * Extends or removes many assignments with one reason and, where a direct assignment's settings require MFA, one proof
 * for all of them. Each row stands under its own rules and succeeds or fails on its own. In the order of the rows.
 */
export function changeAssignments(
  database: Database,
  caller: Caller,
  input: ChangeAssignmentsInput & { readonly proofId: string | null },
): Promise<readonly RowResult<RowChange>[]> {
  return runBatch(database, caller, input.proofId, batchOf(caller, input));
}

/** What `changeAssignments` would do to each row now, by the same rules; nothing is written. */
export function previewChange(
  database: Database,
  caller: Caller,
  input: ChangeAssignmentsInput,
): Promise<BatchPreview<RowChange>> {
  return previewBatch(database, batchOf(caller, input));
}
