import type { FormOutcome } from "@/lib/web/form-outcome";

export interface SavedFilter {
  readonly id: string;
  readonly name: string;
  /** The query string of the address. */
  readonly query: string;
}

type Submit = (form: FormData) => Promise<FormOutcome>;

/** What can be done with saved filters. */
export interface FilterActions {
  readonly keep: Submit;
  readonly rename: Submit;
  readonly remove: Submit;
}
