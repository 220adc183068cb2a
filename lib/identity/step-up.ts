import { canonicalOperation, type ProtectedOperation } from "@/lib/domain/protected-operation";
import { addMinutes } from "@/lib/domain/schedule";
import { describeOperation, type OperationDescription } from "@/lib/identity/describe-operation";
import { rotateSession, type SessionToken } from "@/lib/identity/sessions";
import { type StepUpError, verifyFactor } from "@/lib/identity/verify-factor";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { operationDigest } from "@/lib/platform/operation-digest";
import type { EncryptionKeys } from "@/lib/platform/secrets";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

const challengeMinutes = 10;
/** How long a proof is good for (design section 2, rule 2). */
const proofMinutes = 5;

export interface Challenge {
  readonly challengeId: string;
  readonly expiresAt: string;
  readonly description: OperationDescription;
}

/**
 * Asks the caller to confirm exactly one operation: stores it and answers with its description in words. Null when it
 * names something that does not exist.
 */
export function createChallenge(
  database: Database,
  caller: Caller,
  operation: ProtectedOperation,
): Promise<Challenge | null> {
  return inTransaction(database, async (transaction) => {
    const description = await describeOperation(transaction, caller, operation);
    if (description === null) return null;
    const expiresAt = addMinutes(await databaseNow(transaction), challengeMinutes);
    const challenge = await transaction.stepUpChallenge.create({
      data: {
        userId: caller.userId,
        sessionId: caller.sessionId,
        operation: JSON.parse(canonicalOperation(operation)),
        operationDigest: operationDigest(operation),
        expiresAt,
      },
      select: { id: true },
    });
    return { challengeId: challenge.id, expiresAt: expiresAt.toISOString(), description };
  });
}

export type MeetChallengeResult =
  | { readonly ok: true; readonly proofId: string; readonly token: SessionToken }
  | { readonly ok: false; readonly error: StepUpError };

/**
 * Meets a challenge of the caller's own with a code: leaves a proof bound to user, session and operation, and gives
 * the session a new secret. A challenge is met at most once.
 */
export function meetChallenge(
  database: Database,
  keys: EncryptionKeys,
  caller: Caller,
  input: { readonly challengeId: string; readonly code: string },
): Promise<MeetChallengeResult> {
  return inTransaction(database, async (transaction): Promise<MeetChallengeResult> => {
    const [challenge] = await transaction.$queryRaw<
      { id: string; operation: { kind: string }; operationDigest: Uint8Array<ArrayBuffer> }[]
    >`
      SELECT c.id, c.operation, c.operation_digest AS "operationDigest" FROM step_up_challenges c
      WHERE c.id = ${input.challengeId}::uuid AND c.user_id = ${caller.userId}::uuid
        AND c.session_id = ${caller.sessionId}::uuid AND c.expires_at > postern_now()
      FOR UPDATE`;
    // Asked once the lock is held: whoever was first has written their proof by then.
    const met =
      challenge && (await transaction.stepUpProof.count({ where: { challengeId: challenge.id } })) > 0;
    if (!challenge || met) {
      return {
        ok: false,
        error: {
          code: "ChallengeExpired",
          message: "This took too long, or was confirmed already. Enter a new code.",
        },
      };
    }
    const result = await verifyFactor(transaction, keys, caller, input.code);
    const entry = {
      caller,
      target: { id: caller.userId, displayName: caller.displayName },
      details: { operation: challenge.operation.kind },
    };
    if (!result.ok) {
      await recordAuditEvent(transaction, {
        ...entry,
        kind: "StepUpFailed",
        outcome: "Failure",
        details: { ...entry.details, error: result.error.code },
      });
      return result;
    }
    const proof = await transaction.stepUpProof.create({
      data: {
        challengeId: challenge.id,
        userId: caller.userId,
        sessionId: caller.sessionId,
        operationDigest: challenge.operationDigest,
        method: result.method,
        factorId: result.factorId,
        expiresAt: addMinutes(await databaseNow(transaction), proofMinutes),
      },
      select: { id: true, method: true },
    });
    await recordAuditEvent(transaction, { ...entry, kind: "StepUpSucceeded", outcome: "Success", proof });
    return { ok: true, proofId: proof.id, token: await rotateSession(transaction, caller.sessionId) };
  });
}
