import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

export type Decision = "Approve" | "Deny";

/** A request, as the dialog shows it. */
export interface SelectableRequest {
  readonly id: string;
  /** Role, resource and member. */
  readonly title: string;
  /** The member's recent former name; empty if it has not changed. */
  readonly former: string;
  /** The member's reason. */
  readonly reason: string;
  readonly requiresStepUp: boolean;
}

/** The decision that the dialog is open for. */
export interface OpenedDecision {
  readonly decision: Decision;
  readonly requests: readonly SelectableRequest[];
}

/** How requests are decided. */
export interface DecisionActions {
  readonly hasFactor: boolean;
  readonly decide: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
}
