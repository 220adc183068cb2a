import { rootResource } from "@/lib/authority/authority";
import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import { hasWayInWithoutPasskey } from "@/lib/authority/ways-in";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { isolated } from "@/lib/domain/text/visible-text";
import { addHours } from "@/lib/domain/time/schedule";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { refuseBreakGlassLoss } from "@/lib/operations/gate/refuse-break-glass";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import {
  countFactors,
  endFactorsOf,
  hasLapsed,
  lapse,
  lockOpenReset,
} from "@/lib/operations/people/factor-resets";
import { openPrincipal } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface ResetAuthenticatorInput {
  readonly principalId: string;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** What a reset is waiting for. */
export type ResetWait =
  | { readonly for: "administrator" }
  | { readonly for: "hours"; readonly until: Date }
  | null;

/**
 * Asks for the removal of another person's authenticator app, recovery codes and passkeys, so that they can set up
 * new ones. It always requires authority over all their access, and a step-up of the administrator. It takes effect
 * at once, or as the sign-in rules in force say: when a second administrator has confirmed it, and after the hours in
 * which its person can stop it. When it takes effect, their sessions end. It is refused for a break-glass account, and
 * if it would leave them without a way to sign in. People replace their own factors on the security page.
 */
export function resetAuthenticator(
  database: Database,
  caller: Caller,
  input: ResetAuthenticatorInput,
): Promise<OperationResult<{ endedSessions: number; waits: ResetWait }>> {
  const attempt = {
    kind: "AuthenticatorReset" as const,
    caller,
    justification: input.justification,
    details: { principalId: input.principalId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { principal, entry } = await openPrincipal(transaction, caller, attempt, input.principalId);
    if (principal.type !== "User") throw new Refusal(notFound, entry);
    if (principal.id === caller.userId) {
      const message = "Replace your own factors on the Factors page.";
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const access = await privilegesUntilCommit(transaction, [principal.id]);
    await requireAuthorityOver(transaction, caller, access, entry);
    await refuseBreakGlassLoss(transaction, principal, "factors", entry);
    const operation = { kind: "ResetAuthenticator" as const, principalId: principal.id };
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    const open = await lockOpenReset(transaction, principal.id);
    const now = await databaseNow(transaction);
    if (open && !hasLapsed(open, now)) {
      const message = `A reset of the second factors of ${isolated(principal.displayName)} is already waiting.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    if (open) await lapse(transaction, open, principal, { reason: "NotConfirmed" });
    if ((await countFactors(transaction, principal.id)) === 0) {
      const message = `${isolated(principal.displayName)} has no authenticator app and no passkey.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    if (!(await hasWayInWithoutPasskey(transaction, principal.id))) {
      const message = `Passwords are switched off, so ${isolated(principal.displayName)} could not sign in afterwards. First issue them a link to an identity provider, or switch passwords on again.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const { resetDelayHours: delayHours, resetTakesTwo: takesTwo } = await readSignInRules(transaction);
    if (delayHours === 0 && !takesTwo) {
      const details = await endFactorsOf(transaction, principal.id);
      await recordAuditEvent(transaction, { ...entry, outcome: "Success", proof, details: { ...details } });
      return { endedSessions: details.endedSessions, waits: null };
    }
    const dueAt = takesTwo ? null : addHours(now, delayHours);
    const { id: resetId } = await transaction.factorReset.create({
      data: { userId: principal.id, askedById: caller.userId, takesTwo, delayHours, dueAt },
    });
    await recordAuditEvent(transaction, {
      ...{
        ...entry,
        kind: "FactorResetAsked",
        outcome: "Success",
        proof,
        resource: await rootResource(transaction),
      },
      details: { resetId, delayHours, takesTwo, ...(dueAt ? { dueAt: dueAt.toISOString() } : {}) },
    });
    return { endedSessions: 0, waits: dueAt ? { for: "hours", until: dueAt } : { for: "administrator" } };
  });
}
