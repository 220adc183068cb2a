import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import { hasAnotherWayIn } from "@/lib/authority/ways-in";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { lockPrincipal, requirePrincipalManager } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface RemoveIdentityLinkInput {
  readonly principalId: string;
  readonly linkId: string;
  /** The provider's name for the log: the configured one, or its issuer. */
  readonly provider: string;
  readonly justification: string | null;
  readonly proofId: string | null;
}

const lastWay = {
  code: "Conflict" as const,
  message: "This is your only way to sign in. Link another provider or add a passkey first.",
};

/**
 * Removes the link of a user to an identity of a provider, and ends the sessions that were signed in
 * with it, except the caller's. For another person's link it requires authority over all their access.
 * It always requires a step-up. Nobody can remove their own last way to sign in.
 */
export function removeIdentityLink(
  database: Database,
  caller: Caller,
  input: RemoveIdentityLinkInput,
): Promise<OperationResult<{ endedSessions: number }>> {
  const { principalId, linkId } = input;
  const own = principalId === caller.userId;
  const attempt = {
    kind: "IdentityUnlinked" as const,
    caller,
    justification: input.justification,
    details: { principalId, linkId, provider: input.provider },
  };
  return runOperation(database, attempt, async (transaction) => {
    if (!own) await requirePrincipalManager(transaction, caller, attempt);
    const principal = await lockPrincipal(transaction, principalId, attempt);
    const entry = { ...attempt, target: principal };
    if (!own)
      await requireAuthorityOver(
        transaction,
        caller,
        await privilegesUntilCommit(transaction, [principal.id]),
        entry,
      );
    const link = await transaction.identityLink.findFirst({
      where: { id: linkId, principalId },
      select: { issuer: true, subject: true },
    });
    if (!link) throw new Refusal(notFound, entry);
    if (own && !(await hasAnotherWayIn(transaction, principalId, { linkId })))
      throw new Refusal(lastWay, entry);
    const operation = { kind: "UnlinkIdentity" as const, principalId, linkId };
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    const endedSessions = await transaction.$executeRaw`
      UPDATE sessions SET ended_at = postern_now()
      WHERE identity_link_id = ${linkId}::uuid AND ended_at IS NULL AND id <> ${caller.sessionId}::uuid`;
    await transaction.$executeRaw`DELETE FROM identity_links WHERE id = ${linkId}::uuid`;
    const details = { ...attempt.details, ...link, endedSessions };
    await recordAuditEvent(transaction, { ...entry, outcome: "Success", proof, details });
    return { endedSessions };
  });
}
