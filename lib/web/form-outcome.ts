import type { PublicKeyCredentialCreationOptionsJSON } from "@simplewebauthn/browser";
import { errorMessage, type OperationError } from "@/lib/domain/gate/operation-error";
import type { ExceptionToAsk } from "@/lib/domain/roles/conflict-exception";
import { isolated } from "@/lib/domain/text/visible-text";
import { sentences } from "@/lib/web/form-sentences";

/** The result of one of several items of a form, in the order of the form. */
export interface ItemOutcome {
  readonly ok: boolean;
  readonly message: string;
  /** What can be done about a refusal, each on a page of its own. */
  readonly links?: readonly FormLink[];
}

interface FormLink {
  readonly href: string;
  readonly label: string;
}

/** The result of a submission. Everything in it is public to the caller. */
export type FormOutcome =
  | {
      readonly ok: true;
      /** What was done. Empty if the form shows it itself. */
      readonly message: string;
      readonly items?: readonly ItemOutcome[];
      /** The page of what was created, to open next. */
      readonly next?: string;
      /** Shown once and never again. */
      readonly secret?: { readonly label: string; readonly value: string; readonly hint: string };
      /** The key of a new authenticator app, shown once: as text, as an address, and as an SVG image of the address. */
      readonly key?: { readonly secret: string; readonly uri: string; readonly image: string };
      /** What the browser makes a new passkey by. */
      readonly newPasskey?: PublicKeyCredentialCreationOptionsJSON;
    }
  | {
      readonly ok: false;
      readonly message: string;
      readonly items?: readonly ItemOutcome[];
      readonly fieldErrors: Readonly<Record<string, string>>;
      /** The operation requires a second factor. The form shows its field. */
      readonly needsCode: boolean;
      /** Only a phishing-resistant factor would do. */
      readonly needsResistant: boolean;
      /** The proof of a code that was right although something else was wrong. The next submission needs no new code. */
      readonly proofId: string | null;
      readonly signedOut: boolean;
      /** What can be done about it, each on a page of its own. */
      readonly links: readonly FormLink[];
    };

export type Success = Extract<FormOutcome, { ok: true }>;
export type Refused = Extract<FormOutcome, { ok: false }>;

/** The preview of a form with several items: what each would do. */
export type PreviewOutcome =
  | {
      readonly ok: true;
      readonly items: readonly ItemOutcome[];
      readonly needsCode: boolean;
      /** Only a phishing-resistant factor would do. */
      readonly needsResistant?: boolean;
      /** Fields that name exactly what was previewed. The form sends them instead of its own. */
      readonly fields?: Readonly<Record<string, string>>;
    }
  | Refused;

/** What the browser asks a passkey to sign. */
export interface PasskeyToAsk {
  readonly rpId: string;
  readonly challenge: string;
  /** The ids of the passkeys that may sign it. */
  readonly credentials: readonly string[];
}

/** What a person confirms with a code or a passkey. */
export type PreparedChallenge =
  | {
      readonly ok: true;
      readonly challengeId: string;
      readonly title: string;
      readonly details: readonly { readonly label: string; readonly value: string }[];
      /** What a passkey of the person would sign instead of a code; null if there is none to use here. */
      readonly passkey: PasskeyToAsk | null;
    }
  | {
      readonly ok: false;
      readonly message: string;
      /** Why the operation would be refused whatever code is typed. */
      readonly refused?: Refused;
    };

export function refused(message: string, rest: Partial<Omit<Refused, "ok" | "message">> = {}): Refused {
  return {
    ok: false,
    message,
    fieldErrors: {},
    needsCode: false,
    needsResistant: false,
    proofId: null,
    signedOut: false,
    links: [],
    ...rest,
  };
}

export const signedOutOutcome = refused(sentences.signedOut, { signedOut: true });

/** The messages beside each field, each once. */
function besideFields(
  said: readonly { readonly field: string; readonly message: string }[],
): Record<string, string> {
  const messages = new Map<string, Set<string>>();
  for (const { field, message } of said) messages.set(field, (messages.get(field) ?? new Set()).add(message));
  return Object.fromEntries([...messages].map(([field, each]) => [field, [...each].join(" ")]));
}

/** An operation's refusal as a form shows it. Each failed rule stands beside its field. */
export function outcomeOf(error: OperationError, proofId: string | null): Refused {
  if (error.code === "RoleAssignmentRequestPolicyValidationFailed") {
    const mfaFailed = error.failures.some((failure) => failure.rule === "MfaRule");
    return refused(errorMessage(error), {
      fieldErrors: besideFields(error.failures),
      needsCode: mfaFailed,
      needsResistant: error.failures.some((failure) => failure.field === "passkey"),
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
  if (error.code === "RoleAssignmentConflict")
    return refused(error.message, { proofId, links: error.exceptions.map(linkToException) });
  return refused(error.message, { proofId });
}

/** Where an exception from a conflict rule is requested. */
export function linkToException({ ruleId, ruleName, resourceId, principalId }: ExceptionToAsk) {
  const form = `/resources/${resourceId}/conflicting-roles/${ruleId}/exceptions/new`;
  return {
    href: principalId === null ? form : `${form}?for=${principalId}`,
    label: `Request an exception from ${isolated(ruleName)}`,
  };
}

/** One of several items that was refused, and what can be done about it. */
export function refusedItem(error: OperationError): ItemOutcome {
  const links = error.code === "RoleAssignmentConflict" ? error.exceptions.map(linkToException) : [];
  return { ok: false, message: errorMessage(error), ...(links.length > 0 ? { links } : {}) };
}

/**
 * The result of a form with several items. It succeeded if one item did, and the items say which. If none did, their
 * refusals are joined, each failed rule beside its field.
 */
export function outcomeOfSeveral(
  results: readonly (
    | { readonly ok: true; readonly message: string }
    | { ok: false; error: OperationError }
  )[],
  words: { readonly done: (count: number) => string; readonly nothing: string },
  proofId: string | null,
): FormOutcome {
  const items = results.map((result) => (result.ok ? result : refusedItem(result.error)));
  const count = items.filter((item) => item.ok).length;
  if (count > 0) return { ok: true, message: words.done(count), items };
  const refusals = results.flatMap((result) => {
    const outcome = result.ok ? null : outcomeOf(result.error, proofId);
    return outcome && !outcome.ok ? [outcome] : [];
  });
  const needsCode = refusals.some((refusal) => refusal.needsCode);
  const needsResistant = refusals.some((refusal) => refusal.needsResistant);
  return refused(words.nothing, {
    items,
    fieldErrors: besideFields(
      refusals.flatMap(({ fieldErrors }) =>
        Object.entries(fieldErrors).map(([field, message]) => ({ field, message })),
      ),
    ),
    needsCode,
    needsResistant,
    proofId: needsCode ? null : proofId,
  });
}
