import { createHash, randomBytes } from "node:crypto";
import { type AnswerFault, judgeProviderAnswer } from "@/lib/domain/gate/provider-answer";
import { isUuid } from "@/lib/domain/text/uuid";
import { blockedUntil, type Count, judgeAttempt } from "@/lib/identity/attempts/throttle";
import { passkeyChallenge } from "@/lib/identity/factors/passkey-challenge";
import { rotateSession, type SessionToken } from "@/lib/identity/sessions/sessions";
import { lockChallenge, type OpenChallenge } from "@/lib/identity/step-up/open-challenge";
import { recordForeign } from "@/lib/identity/step-up/step-up";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { ConfirmingProvider } from "@/lib/platform/confirming-providers";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/** The states of a step-up begin with this. Those of a sign-in never do, since next-auth's are base64url. */
const mark = "confirm.";

/** Whether a provider's answer belongs to a step-up, and not to a sign-in. */
export function isOfStepUp(state: string | undefined): state is string {
  return state?.startsWith(mark) ?? false;
}

/** A fresh state. It names its challenge, for an answer that comes after the challenge is gone with its session. */
function newState(challengeId: string): string {
  return `${mark}${challengeId}.${randomBytes(32).toString("base64url")}`;
}

/**
 * The challenge that a state names. It tells which form to inform of a failure, and nothing else, since
 * anybody can make a state up. Empty if it names none.
 */
export function challengeNamedIn(state: string): string {
  const named = state.slice(mark.length).split(".")[0];
  return isUuid(named) ? named : "";
}

const stateHash = (state: string) => new Uint8Array(createHash("sha256").update(state).digest());

/**
 * The nonce that a provider's ID token must have. It is derived from the operation, like the value that a passkey
 * signs.
 */
const nonceOf = ({ id, digest, random }: OpenChallenge) =>
  passkeyChallenge({ challengeId: id, operationDigest: digest, random });

/** What the person takes along to a provider. */
export interface BegunConfirmation {
  readonly state: string;
  readonly nonce: string;
  /** The provider's name for them, if it gave one. */
  readonly address: string | null;
}

/**
 * Begins to confirm an open challenge of the caller with a provider to which they are linked. A challenge has at most
 * one round trip at a time. Null if there is no such challenge or link, or if too many answers failed.
 */
export function beginConfirmation(
  database: Database,
  caller: Caller,
  provider: ConfirmingProvider,
  challengeId: string,
): Promise<BegunConfirmation | null> {
  return inTransaction(database, async (transaction) => {
    const challenge = await lockChallenge(transaction, caller, challengeId);
    if (!challenge) {
      await recordForeign(transaction, caller, challengeId);
      return null;
    }
    const link = await linkOf(transaction, caller, provider);
    if (!link || (await blockedUntil(transaction, countsOf(caller)))) return null;
    const state = newState(challenge.id);
    await transaction.$executeRaw`
      UPDATE step_up_challenges SET provider_issuer = ${provider.issuer}, provider_state_hash = ${stateHash(state)},
        provider_begun_at = ${await databaseNow(transaction)}
      WHERE id = ${challenge.id}::uuid`;
    return { state, nonce: nonceOf(challenge), address: link.address };
  });
}

/** A round trip whose answer has arrived. No other answer can use it. */
export interface TakenConfirmation {
  readonly challengeId: string;
  readonly nonce: string;
}

/**
 * Takes the round trip to which an answer belongs, once. Null if it was not begun in this session with
 * this provider, or was answered already.
 */
export function takeConfirmation(
  database: Database,
  caller: Caller,
  provider: ConfirmingProvider,
  state: string,
): Promise<TakenConfirmation | null> {
  return inTransaction(database, async (transaction) => {
    const [asked] = await transaction.$queryRaw<{ id: string }[]>`
      SELECT id FROM step_up_challenges
      WHERE provider_state_hash = ${stateHash(state)} AND provider_issuer = ${provider.issuer}`;
    const challenge = asked ? await lockChallenge(transaction, caller, asked.id) : null;
    if (!challenge) {
      if (asked) await recordForeign(transaction, caller, asked.id);
      return null;
    }
    const taken = await transaction.$executeRaw`
      UPDATE step_up_challenges SET provider_state_hash = NULL
      WHERE id = ${challenge.id}::uuid AND provider_state_hash = ${stateHash(state)}`;
    return taken === 1 ? { challengeId: challenge.id, nonce: nonceOf(challenge) } : null;
  });
}

/** Why a step-up by a provider proved nothing. */
export type ConfirmationFault = AnswerFault | "Nonsense" | "NotBegun";
export type Confirmation =
  | { readonly ok: true; readonly token: SessionToken }
  | { readonly ok: false; readonly fault: ConfirmationFault };

/**
 * Meets a challenge whose round trip was taken, with the claims of a verified ID token
 * (`judgeProviderAnswer`), or with null for an answer that could not be verified. Creates a proof bound
 * to user, session and operation, and gives the session a new secret. What a later check needs is
 * logged. A challenge is met at most once, and one wrong answer ends it.
 */
export function meetChallengeWithProvider(
  database: Database,
  caller: Caller,
  provider: ConfirmingProvider,
  { challengeId }: TakenConfirmation,
  claims: Readonly<Record<string, unknown>> | null,
): Promise<Confirmation> {
  return inTransaction(database, async (transaction): Promise<Confirmation> => {
    const challenge = await lockChallenge(transaction, caller, challengeId);
    const notBegun = { ok: false, fault: "NotBegun" } as const;
    if (!challenge?.begunAt) return notBegun;
    // Checked with the lock held: somebody may have confirmed it with another factor meanwhile.
    const met = await transaction.stepUpProof.count({ where: { challengeId: challenge.id } });
    const link = await linkOf(transaction, caller, provider, claims?.sub);
    if (met > 0 || !link) return notBegun;
    const nonce = nonceOf(challenge);
    const judged =
      claims === null
        ? ({ ok: false, fault: "Nonsense" } as const)
        : judgeProviderAnswer(claims, {
            ...{ nonce, subject: link.subject, begunAt: challenge.begunAt },
            ...{ ...provider.stepUp, now: await databaseNow(transaction) },
          });
    const target = { id: caller.userId, displayName: caller.displayName };
    const entry = { caller, target, details: { operation: challenge.kind, provider: provider.name } };
    if (!judged.ok) {
      await transaction.stepUpChallenge.delete({ where: { id: challenge.id } });
      await judgeAttempt(transaction, countsOf(caller), false);
      await recordAuditEvent(transaction, {
        ...{ ...entry, kind: "StepUpFailed", outcome: "Failure", factor: "IdentityProvider" },
        details: { ...entry.details, issuer: provider.issuer, error: judged.fault },
      });
      return judged;
    }
    const { method, acr, authTime } = judged;
    const [proof] = await transaction.$queryRaw<{ id: string; method: typeof method }[]>`
      SELECT proof_id AS id, proof_method::text AS method
      FROM make_step_up_proof(${challenge.id}::uuid, ${caller.userId}::uuid, ${caller.sessionId}::uuid,
        ${method}::step_up_method, ${link.id}::uuid)`;
    // The session ended, or the link stopped counting, while the provider was asked.
    if (!proof) return notBegun;
    const random = Buffer.from(challenge.random).toString("base64url");
    const evidence = {
      ...{ issuer: provider.issuer, subject: link.subject, acr, authTime, nonce, random },
      ...{ challengeId: challenge.id, operation: JSON.parse(challenge.operation) },
    };
    await recordAuditEvent(transaction, {
      ...{ ...entry, kind: "StepUpSucceeded", outcome: "Success", proof },
      details: { ...entry.details, confirmation: evidence },
    });
    return { ok: true, token: await rotateSession(transaction, caller.sessionId) };
  });
}

/**
 * The proof of a challenge that the caller confirmed elsewhere in this session, in a provider's window.
 * Null if there is none.
 */
export async function confirmedProof(
  database: Database,
  caller: Caller,
  challengeId: string,
): Promise<string | null> {
  return inTransaction(database, async (transaction) => {
    const { userId, sessionId } = caller;
    const proof = await transaction.stepUpProof.findFirst({
      where: { challengeId, userId, sessionId, identityLinkId: { not: null } },
      select: { id: true },
    });
    return proof?.id ?? null;
  });
}

const countsOf = (caller: Caller): readonly Count[] => [
  { kind: "confirmationsInSession", subject: caller.sessionId },
];

/** The caller's link to a provider, if it counts now. A link of this subject comes first. Locked against being removed. */
async function linkOf(
  transaction: Transaction,
  caller: Caller,
  { issuer }: ConfirmingProvider,
  subject: unknown = null,
) {
  const [link] = await transaction.$queryRaw<{ id: string; subject: string; address: string | null }[]>`
    SELECT id, subject, address FROM identity_links
    WHERE principal_id = ${caller.userId}::uuid AND issuer = ${issuer} AND link_counts(id)
    ORDER BY subject = ${String(subject)} DESC, id LIMIT 1 FOR SHARE`;
  return link ?? null;
}
