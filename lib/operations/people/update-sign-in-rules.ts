import { rootResource } from "@/lib/authority/authority";
import { anotherIsReady } from "@/lib/authority/break-glass-accounts";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { changedSignInRules, type SignInRules, signInRulesFaults } from "@/lib/domain/people/sign-in-rules";
import { action } from "@/lib/domain/roles/permissions";
import { normalisedName } from "@/lib/domain/text/names";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { refuseExcludingApps } from "@/lib/operations/people/refuse-excluding-apps";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import type { OtherFactors } from "@/lib/platform/other-factors";

export interface UpdateSignInRulesInput {
  /** The version that the administrator was shown. */
  readonly expectedVersion: number;
  readonly rules: SignInRules;
  readonly proofId: string | null;
  /** What else confirms an operation, according to the configuration. */
  readonly others: OtherFactors;
}

type Edit = Pick<UpdateSignInRulesInput, "expectedVersion" | "rules">;

const normalised = (rules: SignInRules): SignInRules => ({
  ...rules,
  installationName: normalisedName(rules.installationName),
});

/** The operation that an administrator's proof for it is bound to. */
export function updateSignInRulesOperation(input: Edit): ProtectedOperation {
  return {
    kind: "UpdateSignInRules",
    expectedVersion: input.expectedVersion,
    rules: normalised(input.rules),
  };
}

/**
 * Sets the organisation's rules for signing in and for factors. It requires the right to edit role
 * settings at the root, and always a step-up that is bound to every rule. Saving the present rules
 * changes nothing. A stale edit is refused with what differs.
 */
export function updateSignInRules(
  database: Database,
  caller: Caller,
  input: UpdateSignInRulesInput,
): Promise<OperationResult<{ version: number }>> {
  const rules = normalised(input.rules);
  const attempt = {
    kind: "SignInRulesUpdated" as const,
    caller,
    details: { requested: { ...rules } },
  };
  return runOperation(database, attempt, async (transaction) => {
    const root = await rootResource(transaction);
    const entry = { ...attempt, resource: root };
    await requirePermission(transaction, caller, action.writeRoleSettings, root, entry);
    const faults = signInRulesFaults(rules);
    if (faults.length > 0) throw new Refusal({ code: "InvalidInput", faults }, entry);
    const { version: present, ...before } = await readSignInRules(transaction, "locked");
    const changed = changedSignInRules(before, rules);
    if (present !== input.expectedVersion) {
      const both = changed.map((row) => `${row.label}: ${row.before} now, ${row.after} here.`);
      const message = [
        "Somebody else saved these rules in the meantime.",
        ...both,
        "Reload the page, then change them again.",
      ];
      throw new Refusal({ code: "StaleEdit", message: message.join(" ") }, entry);
    }
    if (changed.length === 0) return { version: present };
    if (before.localPasswords === "Everyone" && rules.localPasswords === "BreakGlassOnly")
      await refuseLockingOut(transaction, caller, entry);
    if (before.authenticatorAppsConfirm && !rules.authenticatorAppsConfirm)
      await refuseExcludingApps(transaction, caller, input.others, entry);
    const operation = updateSignInRulesOperation({ expectedVersion: input.expectedVersion, rules });
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    const version = present + 1;
    // What has ended by the old rules or by the new ones stays ended.
    await transaction.$executeRaw`
      UPDATE sign_in_rules SET
        sessions_begun_after = greatest(sessions_begun_after, postern_now() - make_interval(hours =>
          ${Math.min(before.sessionHours, rules.sessionHours)}::int)),
        sessions_used_after = greatest(sessions_used_after, postern_now() - make_interval(mins =>
          ${Math.min(before.idleMinutes, rules.idleMinutes)}::int))
      WHERE id = 1`;
    await transaction.signInRules.update({ where: { id: 1 }, data: { ...rules, version } });
    const inWords = (side: "before" | "after") =>
      Object.fromEntries(changed.map((row) => [row.label, row[side]]));
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      proof,
      details: { before: inWords("before"), after: inWords("after"), version },
    });
    return { version };
  });
}

/**
 * Refuses to switch passwords off before there is another way in: a break-glass account that would
 * help, and a passkey or an identity provider for the caller.
 */
async function refuseLockingOut(
  transaction: Transaction,
  caller: Caller,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const [own] = await transaction.$queryRaw<object[]>`
    SELECT FROM passkeys WHERE user_id = ${caller.userId}::uuid AND removed_at IS NULL
    UNION ALL SELECT FROM identity_links WHERE principal_id = ${caller.userId}::uuid LIMIT 1`;
  const missing = [
    ...((await anotherIsReady(transaction, null))
      ? []
      : ["First name a break-glass account that has everything it needs."]),
    ...(own
      ? []
      : ["First add a passkey or link an identity provider to your own account, and sign in with it once."]),
  ];
  if (missing.length === 0) return;
  const faults = [{ field: "localPasswords", message: missing.join(" ") }];
  throw new Refusal({ code: "InvalidInput", faults }, entry);
}
