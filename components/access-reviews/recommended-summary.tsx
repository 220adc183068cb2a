"use client";

/** What accepting the recommendations of the checked rows would do. */
export interface Summary {
  readonly approve: number;
  readonly deny: number;
  /** Answered already, so they stay as they are. */
  readonly answered: number;
}

/** Recommendations that were accepted together, while that can be undone. */
export interface TakenTogether {
  readonly actionId: string;
  readonly approved: number;
  readonly denied: number;
}

export function summaryOf(boxes: readonly HTMLInputElement[]): Summary {
  const checked = boxes.filter((box) => box.checked);
  const open = checked.filter((box) => box.dataset.answered === undefined);
  const approve = open.filter((box) => box.dataset.recommendation === "Approve").length;
  return { approve, deny: open.length - approve, answered: checked.length - open.length };
}

/** Says what accepting the recommendations will do, and does it. */
export function RecommendedSummary(props: {
  readonly summary: Summary;
  readonly pending: boolean;
  readonly onBack: () => void;
}) {
  const { approve, deny, answered } = props.summary;
  const count = approve + deny;
  return (
    <div className="grid gap-2">
      <p role="status">
        {count === 0 ? (
          "All of these are already answered. Nothing would change."
        ) : (
          <>
            <strong>{approve}</strong> to approve, <strong>{deny}</strong> to deny.
            {answered > 0
              ? ` ${answered} ${answered === 1 ? "is" : "are"} answered already and ${answered === 1 ? "stays" : "stay"} as ${answered === 1 ? "it is" : "they are"}.`
              : ""}
          </>
        )}
      </p>
      <div className="flex flex-wrap gap-2">
        {count > 0 ? (
          <button
            type="submit"
            name="decision"
            value="Recommendation"
            className="button button-primary"
            aria-disabled={props.pending}
          >
            Accept {count} {count === 1 ? "recommendation" : "recommendations"}
          </button>
        ) : null}
        <button type="button" className="button" onClick={props.onBack}>
          Back
        </button>
      </div>
    </div>
  );
}

/** Says what was accepted, with a button that undoes it. */
export function UndoTaken(props: {
  readonly taken: TakenTogether;
  readonly pending: boolean;
  readonly onUndo: (taken: TakenTogether) => void;
}) {
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span>
        Recommendations accepted: {props.taken.approved} approved, {props.taken.denied} denied.
      </span>
      <button
        type="button"
        className="button"
        aria-disabled={props.pending}
        onClick={() => props.onUndo(props.taken)}
      >
        Undo
      </button>
    </p>
  );
}
