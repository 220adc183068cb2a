import { rootResource } from "@/lib/authority/authority";
import { readinessOf } from "@/lib/authority/break-glass-accounts";
import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { mostBreakGlassAccounts, unreadiness } from "@/lib/domain/people/break-glass-account";
import { action } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { openPrincipal, type PrincipalFacts } from "@/lib/operations/people/manage-principals";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";

export interface NameBreakGlassAccountInput {
  readonly principalId: string;
  /** What the account is for. Required. */
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** The operation that an administrator's proof for it is bound to. */
export function nameBreakGlassAccountOperation({
  principalId,
}: Pick<NameBreakGlassAccountInput, "principalId">): ProtectedOperation {
  return { kind: "NameBreakGlassAccount", principalId };
}

/**
 * Puts a local account on the list of break-glass accounts (docs/decisions/break-glass-accounts.md).
 * The account must work when nothing else does. From then on nothing disables it or removes its own
 * access, and each sign-in with it notifies all administrators and is reviewed. It requires the rights
 * of a root administrator, authority over everything that the account has, and always a step-up.
 */
export function nameBreakGlassAccount(
  database: Database,
  caller: Caller,
  input: NameBreakGlassAccountInput,
): Promise<OperationResult<object>> {
  const attempt = {
    kind: "BreakGlassAccountNamed" as const,
    caller,
    justification: input.justification,
    details: { principalId: input.principalId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { principal, entry } = await openBreakGlass(transaction, caller, attempt, input.principalId);
    const reason = input.justification?.trim() ?? "";
    if (reason === "") {
      const faults = [{ field: "justification", message: "Say what this account is for." }];
      throw new Refusal({ code: "InvalidInput", faults }, entry);
    }
    if (principal.directoryId !== null) {
      const message = `${isolated(principal.displayName)} belongs to a directory, which decides its name and address. Take it out of the directory first.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    // A verb that removes such access, or narrows its role, waits, and then finds the account on the list.
    await transaction.$queryRaw`
      SELECT d.id FROM role_definitions d WHERE d.id IN (
        SELECT role_definition_id FROM eligibilities WHERE principal_id = ${principal.id}::uuid AND ends_at IS NULL
        UNION ALL
        SELECT role_definition_id FROM assignments WHERE principal_id = ${principal.id}::uuid AND ends_at IS NULL)
      ORDER BY d.id FOR SHARE`;
    await transaction.$queryRaw`
      SELECT id FROM eligibilities WHERE principal_id = ${principal.id}::uuid AND ends_at IS NULL ORDER BY id FOR SHARE`;
    await refuseUnready(transaction, principal, entry);
    const operation = nameBreakGlassAccountOperation(input);
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    await transaction.$queryRaw`
      SELECT id FROM assignments WHERE principal_id = ${principal.id}::uuid AND ends_at IS NULL ORDER BY id FOR SHARE`;
    await refuseUnready(transaction, principal, entry);
    const listed = await lockList(transaction);
    if (listed.includes(principal.id)) {
      const message = `${isolated(principal.displayName)} is already a break-glass account.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    if (listed.length >= mostBreakGlassAccounts) {
      const message = `There are at most ${mostBreakGlassAccounts} break-glass accounts. Take one off the list first.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    await transaction.$executeRaw`
      INSERT INTO break_glass_accounts (user_id, named_by_id, reason)
      VALUES (${principal.id}::uuid, ${caller.userId}::uuid, ${reason})`;
    await recordAuditEvent(transaction, { ...entry, outcome: "Success", proof });
    return {};
  });
}

/** Refuses an account that would not help in an emergency, and names everything that it lacks. */
async function refuseUnready(
  transaction: Transaction,
  principal: PrincipalFacts,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const account = await readinessOf(transaction, principal.id);
  const why = account === null ? ["It is not a person."] : unreadiness(account);
  if (why.length === 0) return;
  const message = `${isolated(principal.displayName)} would not help in an emergency. ${why.join(" ")}`;
  throw new Refusal({ code: "Conflict", message }, entry);
}

/**
 * Opens a change of the list: refuses callers who are not root administrators or have no authority over
 * what the account has, locks the account, and returns it with the log entry.
 */
export async function openBreakGlass<Attempt extends Omit<AuditEntry, "outcome">>(
  transaction: Transaction,
  caller: Caller,
  attempt: Attempt,
  principalId: string,
): Promise<{
  readonly principal: PrincipalFacts;
  readonly entry: Attempt & { readonly target: PrincipalFacts };
}> {
  const root = await rootResource(transaction);
  await requirePermission(transaction, caller, action.writeRoleSettings, root, attempt);
  const { principal, entry: about } = await openPrincipal(transaction, caller, attempt, principalId);
  const entry = { ...about, resource: root };
  const access = await privilegesUntilCommit(transaction, [principal.id]);
  await requireAuthorityOver(transaction, caller, access, entry);
  return { principal, entry };
}

/** The accounts on the list. Nobody else can change the list until the commit. */
export async function lockList(transaction: Transaction): Promise<string[]> {
  await transaction.$queryRaw`SELECT id FROM sign_in_rules WHERE id = 1 FOR NO KEY UPDATE`;
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT user_id AS id FROM break_glass_accounts ORDER BY user_id LIMIT ${mostBreakGlassAccounts}`;
  return rows.map(({ id }) => id);
}
