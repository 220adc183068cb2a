import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { linkPassDays, mostIdentityLinks, ownLinkPassMinutes } from "@/lib/domain/people/identity-link";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { lockPrincipal, requirePrincipalManager } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface IssueIdentityLinkInput {
  readonly principalId: string;
  /** The identity provider, as it is configured. */
  readonly provider: { readonly issuer: string; readonly name: string };
  /** What is stored of an issued link. */
  readonly tokenHash: Uint8Array<ArrayBuffer>;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/**
 * Issues the right to link one identity of a provider to a user, once. The person who uses it can sign in as that
 * user. A link for another person requires authority over all their access, and is good for days. A link for oneself
 * belongs to the session and is good for minutes. Both always require a step-up. A new one replaces the previous one.
 */
export function issueIdentityLink(
  database: Database,
  caller: Caller,
  input: IssueIdentityLinkInput,
): Promise<OperationResult<object>> {
  const { principalId, provider } = input;
  const own = principalId === caller.userId;
  const attempt = {
    kind: "IdentityLinkIssued" as const,
    caller,
    justification: input.justification,
    details: { principalId, provider: provider.name, issuer: provider.issuer },
  };
  return runOperation(database, attempt, async (transaction) => {
    if (!own) await requirePrincipalManager(transaction, caller, attempt);
    const principal = await lockPrincipal(transaction, principalId, attempt);
    const entry = { ...attempt, target: principal };
    if (principal.type !== "User" || principal.disabledAt !== null) throw new Refusal(notFound, entry);
    if (!own)
      await requireAuthorityOver(
        transaction,
        caller,
        await privilegesUntilCommit(transaction, [principal.id]),
        entry,
      );
    const links = await transaction.identityLink.count({ where: { principalId } });
    if (links >= mostIdentityLinks) {
      const message = `Nobody may have more than ${mostIdentityLinks} linked identities. Unlink one first.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const operation = { kind: "LinkIdentity" as const, principalId, issuer: provider.issuer };
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    const minutes = own ? ownLinkPassMinutes : linkPassDays * 24 * 60;
    const sessionId = own ? caller.sessionId : null;
    await transaction.$executeRaw`
      INSERT INTO identity_link_passes (principal_id, issuer, token_hash, session_id, created_by_id, expires_at)
      VALUES (${principalId}::uuid, ${provider.issuer}, ${input.tokenHash}, ${sessionId}::uuid,
        ${caller.userId}::uuid, postern_now() + make_interval(mins => ${minutes}))
      ON CONFLICT (principal_id, issuer) DO UPDATE SET token_hash = excluded.token_hash,
        session_id = excluded.session_id, created_by_id = excluded.created_by_id, created_at = postern_now(),
        expires_at = excluded.expires_at`;
    await recordAuditEvent(transaction, { ...entry, outcome: "Success", proof });
    return {};
  });
}
