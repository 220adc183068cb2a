import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { isolated } from "@/lib/domain/text/visible-text";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { endSessionsOf, openPrincipal } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface ResetAuthenticatorInput {
  readonly principalId: string;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/**
 * Removes somebody else's authenticator app, recovery codes and passkeys, so that they can set up new ones, and ends
 * their sessions. It always requires authority over all their access and a step-up of the administrator. One's own
 * factors are replaced on the security page.
 */
export function resetAuthenticator(
  database: Database,
  caller: Caller,
  input: ResetAuthenticatorInput,
): Promise<OperationResult<{ endedSessions: number }>> {
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
      const message = "Replace your own factors on the Security page.";
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    await requireAuthorityOver(
      transaction,
      caller,
      await privilegesUntilCommit(transaction, [principal.id]),
      entry,
    );
    const operation = { kind: "ResetAuthenticator" as const, principalId: principal.id };
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    const now = await databaseNow(transaction);
    const { count } = await transaction.totpFactor.updateMany({
      where: { userId: principal.id, removedAt: null },
      data: { removedAt: now },
    });
    const { count: passkeys } = await transaction.passkey.updateMany({
      where: { userId: principal.id, removedAt: null },
      data: { removedAt: now },
    });
    if (count + passkeys === 0) {
      const message = `${isolated(principal.displayName)} has no authenticator app and no passkey.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    await transaction.recoveryCode.updateMany({
      where: { userId: principal.id, usedAt: null, replacedAt: null },
      data: { replacedAt: now },
    });
    const endedSessions = await endSessionsOf(transaction, principal.id);
    const details = { endedSessions, authenticatorApps: count, passkeys };
    await recordAuditEvent(transaction, { ...entry, outcome: "Success", proof, details });
    return { endedSessions };
  });
}
