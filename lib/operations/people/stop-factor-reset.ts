import { rootResource } from "@/lib/authority/authority";
import { enabledUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { endReset, lockShownReset } from "@/lib/operations/people/factor-resets";
import { lockPrincipal } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/**
 * Stops the reset of the caller's own factors before it takes effect. It requires no step-up: somebody
 * who lost a factor has none, and stopping only keeps the present state.
 */
export function stopFactorReset(
  database: Database,
  caller: Caller,
  { resetId }: { readonly resetId: string },
): Promise<OperationResult<object>> {
  const target = { id: caller.userId, displayName: caller.displayName };
  const attempt = { kind: "FactorResetStopped" as const, caller, target, details: { resetId } };
  return runOperation(database, attempt, async (transaction) => {
    await lockPrincipal(transaction, caller.userId, attempt);
    if (!(await enabledUntilCommit(transaction, [caller.userId]))) throw new Refusal(notFound, attempt);
    const reset = await lockShownReset(transaction, caller.userId, resetId, attempt);
    await endReset(transaction, reset, "Stopped");
    const resource = await rootResource(transaction);
    await recordAuditEvent(transaction, { ...attempt, outcome: "Success", resource });
    return {};
  });
}
