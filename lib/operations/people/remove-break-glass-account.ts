import { anotherIsReady } from "@/lib/authority/break-glass-accounts";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { lockList, openBreakGlass } from "@/lib/operations/people/name-break-glass-account";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface RemoveBreakGlassAccountInput {
  readonly principalId: string;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** The operation that an administrator's proof for it is bound to. */
export function removeBreakGlassAccountOperation({
  principalId,
}: Pick<RemoveBreakGlassAccountInput, "principalId">): ProtectedOperation {
  return { kind: "RemoveBreakGlassAccount", principalId };
}

/**
 * Removes an account from the list of break-glass accounts, with the same rights and always with a
 * step-up. It keeps its access, and open reviews of its sign-ins stay open. While passwords are
 * switched off, the last account that would help cannot be removed.
 */
export function removeBreakGlassAccount(
  database: Database,
  caller: Caller,
  input: RemoveBreakGlassAccountInput,
): Promise<OperationResult<object>> {
  const attempt = {
    kind: "BreakGlassAccountRemoved" as const,
    caller,
    justification: input.justification,
    details: { principalId: input.principalId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { principal, entry } = await openBreakGlass(transaction, caller, attempt, input.principalId);
    const operation = removeBreakGlassAccountOperation(input);
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    if (!(await lockList(transaction)).includes(principal.id)) throw new Refusal(notFound, entry);
    const { localPasswords } = await readSignInRules(transaction);
    if (localPasswords === "BreakGlassOnly" && !(await anotherIsReady(transaction, principal.id))) {
      const message =
        "While passwords are switched off, the last break-glass account that has everything it needs must stay. Name another one first.";
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    await transaction.$executeRaw`DELETE FROM break_glass_accounts WHERE user_id = ${principal.id}::uuid`;
    await recordAuditEvent(transaction, { ...entry, outcome: "Success", proof });
    return {};
  });
}
