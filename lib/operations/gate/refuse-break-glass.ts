import { isBreakGlassAccount } from "@/lib/authority/break-glass-accounts";
import { isolated } from "@/lib/domain/text/visible-text";
import { Refusal } from "@/lib/operations/gate/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";

/** What a break-glass account keeps. */
const kept = {
  disabled: "cannot be disabled",
  access: "keeps its own access, and the end of it",
  factors: "keeps its second factors",
  names: "keeps its name, address and external id whatever a directory says",
  owned: "belongs to no directory",
} as const;

/** Why something is not taken from a break-glass account, and what to do about it. */
export function keptFor(displayName: string, what: keyof typeof kept): string {
  return `${isolated(displayName)} is a break-glass account, which ${kept[what]}. Take it off the list on the page Sign-in and factors first.`;
}

/**
 * Refuses to disable a break-glass account, to remove its own access or its factors, or to give it to a directory,
 * no matter who asks: by hand, an import, a directory or an access review (docs/rules.md, rule 11). The caller has locked what would
 * change, and so does the verb that puts an account on the list.
 */
export async function refuseBreakGlassLoss(
  transaction: Transaction,
  principal: { readonly id: string; readonly displayName: string },
  what: keyof typeof kept,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  if (!(await isBreakGlassAccount(transaction, principal.id))) return;
  throw new Refusal({ code: "Conflict", message: keptFor(principal.displayName, what) }, entry);
}

/**
 * Refuses to narrow a role that a break-glass account holds itself: it would lose its access by it. The caller has
 * locked the role, and so does the verb that puts an account on the list.
 */
export async function refuseNarrowingBreakGlass(
  transaction: Transaction,
  roleDefinitionId: string,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const [held] = await transaction.$queryRaw<object[]>`
    SELECT FROM break_glass_accounts b WHERE EXISTS (
      SELECT FROM (
        SELECT role_definition_id, ends_at FROM eligibilities WHERE principal_id = b.user_id
        UNION ALL
        SELECT role_definition_id, ends_at FROM assignments
        WHERE principal_id = b.user_id AND assignment_type = 'Assigned') own
      WHERE own.role_definition_id = ${roleDefinitionId}::uuid AND (own.ends_at IS NULL OR own.ends_at > postern_now()))
    LIMIT 1`;
  if (!held) return;
  const message =
    "A break-glass account has this role, and keeps its own access. Take it off the list on the page Sign-in and factors first.";
  throw new Refusal({ code: "Conflict", message }, entry);
}
