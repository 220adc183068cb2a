import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { independentDays } from "@/lib/domain/people/factor-reset";
import { addHours } from "@/lib/domain/time/schedule";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { refuseBreakGlassLoss } from "@/lib/operations/gate/refuse-break-glass";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import {
  endFactorsOf,
  endReset,
  hasLapsed,
  lockShownReset,
  type OpenReset,
} from "@/lib/operations/people/factor-resets";
import { openPrincipal } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface ConfirmFactorResetInput {
  readonly principalId: string;
  /** The reset that the administrator was shown. */
  readonly resetId: string;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** The operation that the second administrator's proof is bound to. */
export function confirmFactorResetOperation(
  input: Pick<ConfirmFactorResetInput, "principalId" | "resetId">,
): ProtectedOperation {
  return { kind: "ConfirmFactorReset", principalId: input.principalId, resetId: input.resetId };
}

/**
 * Confirms somebody's reset as the second administrator. This must be neither its person nor the one who asked for
 * it, and must not have privileges from that one. It requires the same authority and a step-up of their own. The
 * hours in which its person can stop it begin now. If there are none, it takes effect at once.
 */
export function confirmFactorReset(
  database: Database,
  caller: Caller,
  input: ConfirmFactorResetInput,
): Promise<OperationResult<{ dueAt: Date | null }>> {
  const { principalId, resetId, justification } = input;
  const details = { principalId, resetId };
  const attempt = { kind: "FactorResetConfirmed" as const, caller, justification, details };
  return runOperation(database, attempt, async (transaction) => {
    const { principal, entry } = await openPrincipal(transaction, caller, attempt, principalId);
    const access = await privilegesUntilCommit(transaction, [principal.id]);
    await requireAuthorityOver(transaction, caller, access, entry);
    const reset = await lockShownReset(transaction, principal.id, resetId, entry);
    const now = await databaseNow(transaction);
    const refuse = (code: "OwnRequest" | "Conflict", message: string) =>
      new Refusal({ code, message }, entry);
    if ([principal.id, reset.askedById].includes(caller.userId))
      throw refuse(
        "OwnRequest",
        "Another administrator must confirm it: neither the person concerned nor the administrator who asked for it.",
      );
    if (await areDependent(transaction, caller, reset))
      throw refuse(
        "OwnRequest",
        `You and the administrator who asked for it are not independent: one of you got access or a sign-in from the other in the last ${independentDays} days. Another administrator confirms it.`,
      );
    await refuseBreakGlassLoss(transaction, principal, "factors", entry);
    if (reset.dueAt !== null) throw refuse("Conflict", "It is already confirmed.");
    if (hasLapsed(reset, now)) throw refuse("Conflict", "Nobody confirmed it in time. Ask for it again.");
    const operation = confirmFactorResetOperation({ principalId: principal.id, resetId });
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    const dueAt = addHours(now, reset.delayHours);
    await transaction.factorReset.update({
      where: { id: reset.id },
      data: { confirmedById: caller.userId, dueAt },
    });
    await recordAuditEvent(transaction, {
      ...{ ...entry, outcome: "Success", proof },
      details: { ...details, dueAt: dueAt.toISOString() },
    });
    if (reset.delayHours > 0) return { dueAt };
    await endReset(transaction, reset, "Applied");
    await recordAuditEvent(transaction, {
      ...{ kind: "AuthenticatorReset", outcome: "Success", caller, target: principal, proof },
      details: { resetId, ...(await endFactorsOf(transaction, principal.id)) },
    });
    return { dueAt: null };
  });
}

/**
 * Whether the one who asked and the one who confirms depend on each other: one of them recently gave
 * the other access or a way to sign in.
 */
async function areDependent(
  transaction: Transaction,
  caller: Caller,
  { askedById, askedAt }: OpenReset,
): Promise<boolean> {
  const since = addHours(askedAt, -24 * independentDays);
  const [row] = await transaction.$queryRaw<{ owes: boolean }[]>`
    SELECT power_came_from(${caller.userId}::uuid, ${askedById}::uuid, ${since}, false)
      OR power_came_from(${askedById}::uuid, ${caller.userId}::uuid, ${since}, false) AS owes`;
  return row?.owes ?? true;
}
