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
 * Removes somebody else's authenticator app and recovery codes, so that they can set up a new one, and ends their
 * sessions. It always requires authority over all their access and a step-up of the administrator. One's own app is
 * replaced on the security page.
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
      const message = "Replace your own authenticator app on the Security page.";
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
    if (count === 0) {
      const message = `${isolated(principal.displayName)} has no authenticator app.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    await transaction.recoveryCode.updateMany({
      where: { userId: principal.id, usedAt: null, replacedAt: null },
      data: { replacedAt: now },
    });
    const endedSessions = await endSessionsOf(transaction, principal.id);
    await recordAuditEvent(transaction, { ...entry, outcome: "Success", proof, details: { endedSessions } });
    return { endedSessions };
  });
}
