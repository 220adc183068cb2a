import type { FormOutcome } from "@/lib/web/form-outcome";

/** The last line of a small form: the result of saving, which is announced, and the button. */
export function SaveLine({ outcome, pending }: { outcome: FormOutcome | null; pending: boolean }) {
  return (
    <div className="flex flex-wrap items-center justify-end gap-3">
      <p role="status" className={outcome?.ok === false ? "error-text" : "text-muted"}>
        {outcome?.message}
      </p>
      <button type="submit" className="button button-primary" aria-busy={pending}>
        Save
      </button>
    </div>
  );
}
