import type { BatchActions } from "@/components/assignments/batch-flow";

/** An assignment that can be selected. */
export interface SelectableMember {
  readonly id: string;
  readonly assignmentType: "Eligible" | "Active";
  /** Its name in the preview and the report. */
  readonly name: string;
  /** The same in parts: the member, what distinguishes them from others, and what they have. */
  readonly parts: readonly string[];
}

export type BulkVerb = "Extend" | "Renew" | "Make eligible" | "Remove";

/** How several assignments are changed. */
export interface BulkActions extends BatchActions {
  readonly hasFactor: boolean;
  readonly returnPath: string;
}

/** "3 assignments". */
export const countOf = (rows: number) => `${rows} ${rows === 1 ? "assignment" : "assignments"}`;
