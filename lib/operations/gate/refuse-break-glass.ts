import { isBreakGlassAccount } from "@/lib/authority/break-glass-accounts";
import { isolated } from "@/lib/domain/text/visible-text";
import { Refusal } from "@/lib/operations/gate/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";

/** What a break-glass account keeps. */
type Kept = "disabled" | "access" | "factors";

/** Why something is not taken from a break-glass account, and what to do about it. */
export function keptFor(displayName: string, what: Kept): string {
  const kept = {
    disabled: "cannot be disabled",
    access: "keeps its own access and the time that this lasts",
    factors: "keeps its second factors",
  }[what];
  return `${isolated(displayName)} is a break-glass account, which ${kept}. Take it off the list on the page Sign-in and factors first.`;
}

/**
 * Refuses to disable a break-glass account or to remove its own access or its factors, whoever asks: by hand, an
 * import, a directory or an access review (docs/rules.md, rule 11). The caller has locked what would
 * change, and so does the verb that puts an account on the list.
 */
export async function refuseBreakGlassLoss(
  transaction: Transaction,
  principal: { readonly id: string; readonly displayName: string },
  what: Kept,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  if (!(await isBreakGlassAccount(transaction, principal.id))) return;
  throw new Refusal({ code: "Conflict", message: keptFor(principal.displayName, what) }, entry);
}
