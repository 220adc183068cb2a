import { endOfTerm, type Term } from "@/lib/web/assignment-terms";

/** The duration that a form shows, and the end that it filled in. */
export interface TermChoice {
  /** The value of a term, or one of the two below. */
  readonly term: string;
  /** In ISO 8601; empty: nothing was filled in. */
  readonly end: string;
  /** How often an end was filled in. The field is recreated each time. */
  readonly filled: number;
  /** Whether a person has typed an end, or cleared it, since a duration was chosen. */
  readonly typed: boolean;
}

export const permanent = "permanent";
export const otherwise = "other";

export const noTerm: TermChoice = { term: otherwise, end: "", filled: 0, typed: false };

export type TermEvent =
  /** The usual term of a type and its maximum: when the form opens, and when either changes. */
  | { readonly kind: "offered"; readonly term: Term | undefined; readonly from: Date }
  /** A person chose a duration with this term. No term for Permanently and Other. */
  | { readonly kind: "chosen"; readonly value: string; readonly term: Term | undefined; readonly from: Date }
  /** A person typed an end, or cleared it. */
  | { readonly kind: "typed" };

function filledIn(choice: TermChoice, term: Term, from: Date): TermChoice {
  return { ...choice, term: term.value, end: endOfTerm(from, term).toISOString(), filled: choice.filled + 1 };
}

/** The choice after an event. An end that a person typed or cleared is replaced only if they choose a duration. */
export function nextTerm(choice: TermChoice, event: TermEvent): TermChoice {
  switch (event.kind) {
    case "offered":
      return choice.typed || !event.term ? choice : filledIn(choice, event.term, event.from);
    case "chosen": {
      const next = { ...choice, term: event.value, typed: false };
      return event.term ? filledIn(next, event.term, event.from) : next;
    }
    case "typed":
      return { ...choice, term: otherwise, typed: true };
  }
}
