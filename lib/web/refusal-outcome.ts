import { errorMessage, type OperationError } from "@/lib/domain/gate/operation-error";
import type { ExceptionToAsk } from "@/lib/domain/roles/conflict-exception";
import { isolated } from "@/lib/domain/text/visible-text";
import { type FormOutcome, type ItemOutcome, type Refused, refused } from "@/lib/web/form-outcome";

/** The messages beside each field, each once. */
function besideFields(
  said: readonly { readonly field: string; readonly message: string }[],
): Record<string, string> {
  const messages = new Map<string, Set<string>>();
  for (const { field, message } of said) messages.set(field, (messages.get(field) ?? new Set()).add(message));
  return Object.fromEntries([...messages].map(([field, each]) => [field, [...each].join(" ")]));
}

/** An operation's refusal as a form shows it. Each failed rule is shown beside its field. */
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

/** The page where an exception from a conflict rule is requested. */
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
 * The result of a form with several items. It succeeded if one item did, and lists the items. If none did, it
 * joins their refusals, each failed rule beside its field.
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
