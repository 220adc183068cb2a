import { mayUsePassword } from "@/lib/authority/break-glass-accounts";
import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { SpentProof } from "@/lib/authority/spend-proof";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { invitationDays, oneTimePasswordDays } from "@/lib/domain/people/principal";
import { addDays } from "@/lib/domain/time/schedule";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { endSessionsOf, openPrincipal } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/** A way to sign in that an administrator issues, as it is stored. It never contains the password or the token itself. */
export type NewSignIn =
  | { readonly kind: "OneTimePassword"; readonly passwordHash: string }
  | { readonly kind: "Invitation"; readonly tokenHash: Uint8Array<ArrayBuffer> };

export interface IssueSignInInput {
  readonly principalId: string;
  readonly signIn: NewSignIn;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/**
 * Issues an existing user a one-time password or an invitation that replaces their password, and ends
 * their sessions. Anyone who has it can sign in as that user. So it always requires authority over all
 * their access, and a step-up of the administrator.
 */
export function issueSignIn(
  database: Database,
  caller: Caller,
  input: IssueSignInInput,
): Promise<OperationResult<{ endedSessions: number }>> {
  const attempt = {
    kind: "SignInIssued" as const,
    caller,
    justification: input.justification,
    details: { principalId: input.principalId, signIn: input.signIn.kind },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { principal, entry } = await openPrincipal(transaction, caller, attempt, input.principalId);
    if (principal.type !== "User" || principal.disabledAt !== null) throw new Refusal(notFound, entry);
    await requireAuthorityOver(
      transaction,
      caller,
      await privilegesUntilCommit(transaction, [principal.id]),
      entry,
    );
    const operation = { kind: "IssueSignIn" as const, principalId: principal.id };
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    return issueSignInIn(transaction, caller, principal, input.signIn, proof, input.justification);
  });
}

const passwordsAreOff =
  "Passwords are switched off, except for break-glass accounts. Issue a link to an identity provider instead.";

/** Stores a new way to sign in, ends earlier ones and the sessions, and logs it. */
export async function issueSignInIn(
  transaction: Transaction,
  caller: Caller,
  user: { readonly id: string; readonly displayName: string },
  signIn: NewSignIn,
  proof: SpentProof | null,
  justification: string | null = null,
): Promise<{ endedSessions: number }> {
  if (!(await mayUsePassword(transaction, user.id))) {
    const entry = { kind: "SignInIssued" as const, caller, target: user, justification };
    throw new Refusal({ code: "Conflict", message: passwordsAreOff }, entry);
  }
  const now = await databaseNow(transaction);
  await transaction.passwordTicket.updateMany({
    where: { userId: user.id, usedAt: null, replacedAt: null },
    data: { replacedAt: now },
  });
  let expiresAt: Date;
  if (signIn.kind === "OneTimePassword") {
    expiresAt = addDays(now, oneTimePasswordDays);
    const data = {
      hash: signIn.passwordHash,
      changedAt: now,
      mustChange: true,
      expiresAt,
      issuedById: caller.userId,
    };
    await transaction.passwordCredential.upsert({
      where: { userId: user.id },
      create: { userId: user.id, ...data },
      update: data,
    });
  } else {
    expiresAt = addDays(now, invitationDays);
    // An invitation replaces the present password, if there is one.
    await transaction.$executeRaw`
      UPDATE password_credentials SET must_change = true, expires_at = ${now} WHERE user_id = ${user.id}::uuid`;
    await transaction.passwordTicket.create({
      data: {
        ...{ userId: user.id, purpose: "Invitation", expiresAt },
        ...{ tokenHash: signIn.tokenHash, issuedById: caller.userId },
      },
    });
  }
  const endedSessions = await endSessionsOf(transaction, user.id);
  await recordAuditEvent(transaction, {
    kind: "SignInIssued",
    outcome: "Success",
    caller,
    target: user,
    proof,
    justification,
    details: { signIn: signIn.kind, expiresAt: expiresAt.toISOString(), endedSessions },
  });
  return { endedSessions };
}
