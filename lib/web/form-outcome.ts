import { errorMessage, type OperationError } from "@/lib/domain/gate/operation-error";
import { sentences } from "@/lib/web/form-sentences";

/** What became of one of several things that a form asked for at once, in the order in which it named them. */
export interface ItemOutcome {
  readonly ok: boolean;
  readonly message: string;
}

/** What a form is told about its submission. Public to the caller: nothing in it that the page may not show. */
export type FormOutcome =
  | {
      readonly ok: true;
      /** What was done; empty where the form itself shows it. */
      readonly message: string;
      readonly items?: readonly ItemOutcome[];
      /** A page to go on to: what was made. */
      readonly next?: string;
      /** What is shown this once and never again. */
      readonly secret?: { readonly label: string; readonly value: string; readonly hint: string };
      /** The key of a new authenticator app, shown this once: as text, as an address, and as an SVG image of that. */
      readonly key?: { readonly secret: string; readonly uri: string; readonly image: string };
    }
  | {
      readonly ok: false;
      readonly message: string;
      readonly items?: readonly ItemOutcome[];
      readonly fieldErrors: Readonly<Record<string, string>>;
      /** The operation wants a second factor: show the field for it. */
      readonly needsCode: boolean;
      /** A code was right, though something else was wrong: this stands in for the next one. */
      readonly proofId: string | null;
      readonly signedOut: boolean;
    };

export type Success = Extract<FormOutcome, { ok: true }>;
export type Refused = Extract<FormOutcome, { ok: false }>;

/** What a form that asks for many things at once would do, thing by thing, before it is sent. */
export type PreviewOutcome =
  | {
      readonly ok: true;
      readonly items: readonly ItemOutcome[];
      readonly needsCode: boolean;
      /** Fields that name what the preview was of, to be sent in the place of those it was asked with. */
      readonly fields?: Readonly<Record<string, string>>;
    }
  | Refused;

/** What a form asks a person to confirm with a code. */
export type PreparedChallenge =
  | {
      readonly ok: true;
      readonly challengeId: string;
      readonly title: string;
      readonly details: readonly { readonly label: string; readonly value: string }[];
    }
  | { readonly ok: false; readonly message: string };

export function refused(message: string, rest: Partial<Omit<Refused, "ok" | "message">> = {}): Refused {
  return { ok: false, message, fieldErrors: {}, needsCode: false, proofId: null, signedOut: false, ...rest };
}

export const signedOutOutcome = refused(sentences.signedOut, { signedOut: true });

/** What stands beside each field: everything that was said of it, each once. */
function besideFields(
  said: readonly { readonly field: string; readonly message: string }[],
): Record<string, string> {
  const messages = new Map<string, Set<string>>();
  for (const { field, message } of said) messages.set(field, (messages.get(field) ?? new Set()).add(message));
  return Object.fromEntries([...messages].map(([field, each]) => [field, [...each].join(" ")]));
}

/** An operation's refusal as a form shows it: every failed rule beside its field. */
export function outcomeOf(error: OperationError, proofId: string | null): FormOutcome {
  if (error.code === "RoleAssignmentRequestPolicyValidationFailed") {
    const mfaFailed = error.failures.some((failure) => failure.rule === "MfaRule");
    return refused(errorMessage(error), {
      fieldErrors: besideFields(error.failures),
      needsCode: mfaFailed,
      proofId: mfaFailed ? null : proofId,
    });
  }
  if (
    error.code === "InvalidSettings" ||
    error.code === "InvalidAccessReview" ||
    error.code === "InvalidInput"
  ) {
    return refused(errorMessage(error), { fieldErrors: besideFields(error.faults) });
  }
  if (error.code === "InvalidRoleAssignmentRequestSchedule")
    return refused(error.message, { fieldErrors: { [error.field]: error.message }, proofId });
  return refused(error.message, { proofId });
}

/**
 * What a form is told that asked for several things at once: it is done when one of them is, and the items say which.
 * When none is, their refusals stand together, each failed rule beside its field.
 */
export function outcomeOfSeveral(
  results: readonly (
    | { readonly ok: true; readonly message: string }
    | { ok: false; error: OperationError }
  )[],
  words: { readonly done: (count: number) => string; readonly nothing: string },
  proofId: string | null,
): FormOutcome {
  const items = results.map((result) =>
    result.ok ? result : { ok: false, message: errorMessage(result.error) },
  );
  const count = items.filter((item) => item.ok).length;
  if (count > 0) return { ok: true, message: words.done(count), items };
  const refusals = results.flatMap((result) => {
    const outcome = result.ok ? null : outcomeOf(result.error, proofId);
    return outcome && !outcome.ok ? [outcome] : [];
  });
  const needsCode = refusals.some((refusal) => refusal.needsCode);
  return refused(words.nothing, {
    items,
    fieldErrors: besideFields(
      refusals.flatMap(({ fieldErrors }) =>
        Object.entries(fieldErrors).map(([field, message]) => ({ field, message })),
      ),
    ),
    needsCode,
    proofId: needsCode ? null : proofId,
  });
}
