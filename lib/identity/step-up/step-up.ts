import { randomBytes } from "node:crypto";
import { canonicalOperation } from "@/lib/domain/gate/canonical-operation";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { mostIdentityLinks } from "@/lib/domain/people/identity-link";
import { mostPasskeys } from "@/lib/domain/people/passkey";
import { mayAttempt } from "@/lib/identity/attempts/may-attempt";
import { describeOperation } from "@/lib/identity/descriptions/describe-operation";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import { passkeyChallenge } from "@/lib/identity/factors/passkey-challenge";
import { lockFactor, type StepUpError, verifyFactor } from "@/lib/identity/factors/verify-factor";
import { rotateSession, type SessionToken } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent, recordProof, recordRefusal } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { operationDigest } from "@/lib/platform/operation-digest";
import { withBegin } from "@/lib/platform/running-transaction";
import type { EncryptionKeys } from "@/lib/platform/secrets";
import { inTransaction } from "@/lib/platform/transaction";

const challengeMinutes = 10;
/** How many of its newest challenges a session keeps. A form whose challenge is gone requests a new one. */
const mostChallenges = 20;

export interface Challenge {
  readonly challengeId: string;
  readonly expiresAt: string;
  readonly description: OperationDescription;
  /** What a passkey of the caller would sign instead of a code; null if they have none. */
  readonly passkey: PasskeyRequest | null;
  /** The issuers of the identity providers to which the caller is linked. */
  readonly issuers: readonly string[];
}

/** A challenge, and the ids of the passkeys that may sign it, as base64url. */
export interface PasskeyRequest {
  readonly challenge: string;
  readonly credentials: readonly string[];
}

/**
 * Creates a challenge for exactly one operation and returns its description in words. Null, and logged, if the
 * operation names something that does not exist or to which the caller has no right: the two cannot be told apart.
 */
export async function createChallenge(
  database: Database,
  caller: Caller,
  operation: ProtectedOperation,
): Promise<Challenge | null> {
  const challenge = await writeChallenge(database, caller, operation);
  if (challenge === null)
    await recordRefusal(database, {
      kind: "StepUpRefused",
      caller,
      details: { operation: operation.kind, error: "NotFound" },
    });
  return challenge;
}

function writeChallenge(
  database: Database,
  caller: Caller,
  operation: ProtectedOperation,
): Promise<Challenge | null> {
  return inTransaction(database, async (transaction) => {
    if (!(await mayAttempt(transaction, caller, operation))) return null;
    const description = await describeOperation(transaction, caller, operation);
    if (description === null) return null;
    // Written out and sent together, since somebody waits (docs/decisions/speed.md).
    const [passkeys, links] = await Promise.all([
      transaction.$queryRaw<{ credentialId: Uint8Array<ArrayBuffer> }[]>`
        SELECT credential_id AS "credentialId" FROM passkeys
        WHERE user_id = ${caller.userId}::uuid AND removed_at IS NULL LIMIT ${mostPasskeys}`,
      transaction.$queryRaw<{ issuer: string }[]>`
        SELECT issuer FROM identity_links WHERE principal_id = ${caller.userId}::uuid LIMIT ${mostIdentityLinks}`,
      transaction.$executeRaw`
        DELETE FROM step_up_challenges WHERE id IN (
          SELECT id FROM step_up_challenges WHERE session_id = ${caller.sessionId}::uuid
          ORDER BY created_at DESC, id DESC OFFSET ${mostChallenges - 1} FOR UPDATE SKIP LOCKED)`,
    ]);
    const digest = operationDigest(operation);
    const random = new Uint8Array(randomBytes(32));
    const signable = passkeys.length > 0 || links.length > 0;
    const [made] = await transaction.$queryRaw<{ id: string; expiresAt: Date }[]>`
      INSERT INTO step_up_challenges
        (user_id, session_id, operation, operation_digest, expires_at, evidence_random, evidence_operation)
      VALUES (${caller.userId}::uuid, ${caller.sessionId}::uuid, jsonb_build_object('kind', ${operation.kind}::text),
        ${digest}, postern_now() + make_interval(mins => ${challengeMinutes}::int),
        ${signable ? random : null}::bytea, ${signable ? canonicalOperation(operation) : null}::text)
      RETURNING id, expires_at AS "expiresAt"`;
    if (!made) throw new Error("the challenge was not made");
    const { id, expiresAt } = made;
    const passkey = {
      challenge: passkeyChallenge({ challengeId: id, operationDigest: digest, random }),
      credentials: passkeys.map(({ credentialId }) => Buffer.from(credentialId).toString("base64url")),
    };
    return {
      ...{ challengeId: id, expiresAt: expiresAt.toISOString(), description },
      passkey: passkeys.length > 0 ? passkey : null,
      issuers: links.map(({ issuer }) => issuer),
    };
  });
}

export type MeetChallengeResult =
  | { readonly ok: true; readonly proofId: string; readonly token: SessionToken }
  | { readonly ok: false; readonly error: StepUpError };

export const expiredChallenge: StepUpError = {
  code: "ChallengeExpired",
  message: "This took too long, or was already confirmed. Verify your identity again.",
};

/**
 * Meets a challenge of the caller with a code: creates a proof bound to user, session and operation,
 * and gives the session a new secret. A challenge is met at most once.
 */
export function meetChallenge(
  database: Database,
  keys: EncryptionKeys,
  caller: Caller,
  input: { readonly challengeId: string; readonly code: string },
): Promise<MeetChallengeResult> {
  return inTransaction(database, async (transaction): Promise<MeetChallengeResult> => {
    // Sent together, and run in this order.
    const [[challenge], factor] = await Promise.all([
      transaction.$queryRaw<{ id: string; operation: string }[]>`
        ${withBegin} SELECT c.id, c.operation ->> 'kind' AS operation FROM step_up_challenges c
        WHERE c.id = ${input.challengeId}::uuid AND c.user_id = ${caller.userId}::uuid
          AND c.session_id = ${caller.sessionId}::uuid AND c.expires_at > postern_now()
        FOR UPDATE`,
      lockFactor(transaction, caller, input.challengeId),
    ]);
    if (!challenge) await recordForeign(transaction, caller, input.challengeId);
    if (!challenge || factor?.challengeMet) {
      return { ok: false, error: expiredChallenge };
    }
    const result = await verifyFactor(transaction, keys, caller, factor, input.code);
    const entry = {
      caller,
      target: { id: caller.userId, displayName: caller.displayName },
      details: { operation: challenge.operation },
    };
    // A mistyped code tries nothing, and could fill the log without end otherwise.
    if (!result.ok && result.noCode) return { ok: false, error: result.error };
    if (!result.ok) {
      await recordAuditEvent(transaction, {
        ...entry,
        kind: "StepUpFailed",
        outcome: "Failure",
        details: { ...entry.details, error: result.error.code },
      });
      return result;
    }
    // Sent together, and run in this order. Without a proof, the last two do nothing.
    const [, [proof], token] = await Promise.all([
      result.noted,
      transaction.$queryRaw<{ id: string }[]>`
        SELECT proof_id AS id
        FROM make_step_up_proof(${challenge.id}::uuid, ${caller.userId}::uuid, ${caller.sessionId}::uuid,
          ${result.method}::step_up_method, ${result.factorId}::uuid)`,
      rotateSession(transaction, caller.sessionId, challenge.id),
      recordProof(transaction, challenge.id, { ...entry, kind: "StepUpSucceeded", factor: result.method }),
    ]);
    // The session ended while the code was checked.
    if (!proof) return { ok: false, error: expiredChallenge };
    return { ok: true, proofId: proof.id, token };
  });
}

/** Nobody tries the challenge of another person or session by mistake, so it is logged. */
export async function recordForeign(
  transaction: Transaction,
  caller: Caller,
  challengeId: string,
): Promise<void> {
  const [foreign] = await transaction.$queryRaw<unknown[]>`
    SELECT 1 FROM step_up_challenges WHERE id = ${challengeId}::uuid
      AND (user_id <> ${caller.userId}::uuid OR session_id <> ${caller.sessionId}::uuid)`;
  if (!foreign) return;
  const details = { error: "ForeignChallenge" };
  await recordAuditEvent(transaction, { kind: "StepUpRefused", outcome: "Failure", caller, details });
}
