"use client";

import { isolated } from "@/lib/domain/text/visible-text";

/** Recent reasons, in one line that never widens the panel. One press fills in the reason. */
export function RecentReasons({ reasons }: { reasons: readonly string[] }) {
  if (reasons.length === 0) return null;
  return (
    <fieldset className="mt-1.5 flex items-center gap-1.5 overflow-hidden p-0.5 contain-inline-size">
      <legend className="sr-only">Used recently</legend>
      <span aria-hidden className="shrink-0 text-muted">
        Recent
      </span>
      {reasons.map((reason) => (
        <button
          key={reason}
          type="button"
          className="chip min-w-0"
          title={isolated(reason)}
          onClick={({ currentTarget }) => {
            const field = currentTarget.form?.elements.namedItem("justification");
            if (!(field instanceof HTMLTextAreaElement)) return;
            field.value = reason;
            // The event also updates the draft.
            field.dispatchEvent(new Event("input", { bubbles: true }));
            field.focus();
          }}
        >
          <span className="truncate">{reason.replaceAll(/\s+/g, " ")}</span>
        </button>
      ))}
    </fieldset>
  );
}
