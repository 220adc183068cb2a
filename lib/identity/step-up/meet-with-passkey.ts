import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import type { RelyingParty } from "@/lib/domain/people/relying-party";
import { blockedUntil, type Count, judgeAttempt } from "@/lib/identity/attempts/throttle";
import { judgeAssertion, lockPasskey, recordCounterBack } from "@/lib/identity/factors/passkey-assertion";
import { passkeyChallenge, passkeyEvidence } from "@/lib/identity/factors/passkey-challenge";
import { type StepUpError, waits } from "@/lib/identity/factors/verify-factor";
import { rotateSession } from "@/lib/identity/sessions/sessions";
import { lockChallenge } from "@/lib/identity/step-up/open-challenge";
import { expiredChallenge, type MeetChallengeResult, recordForeign } from "@/lib/identity/step-up/step-up";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

const refusals = {
  InvalidPasskey: "This passkey could not be checked. Try again, or use another factor.",
  CounterWentBack:
    "This passkey was refused, since it may have been copied. Use another factor, and remove this passkey.",
} as const;

const tooMany: StepUpError = {
  code: "InvalidPasskey",
  message: "Too many passkeys were refused in this session. Sign in again.",
};

/**
 * Meets a challenge of the caller with one of their passkeys: creates a proof bound to user, session and operation,
 * and gives the session a new secret. What the passkey signed names the operation, and is logged with everything
 * needed to check it (`verifyPasskeyEvidence`). A challenge is met at most once, and one wrong answer ends it.
 */
export function meetChallengeWithPasskey(
  database: Database,
  party: RelyingParty,
  caller: Caller,
  input: { readonly challengeId: string; readonly response: AuthenticationResponseJSON },
): Promise<MeetChallengeResult> {
  return inTransaction(database, async (transaction): Promise<MeetChallengeResult> => {
    const challenge = await lockChallenge(transaction, caller, input.challengeId);
    if (!challenge) {
      await recordForeign(transaction, caller, input.challengeId);
      return { ok: false, error: expiredChallenge };
    }
    // Checked with the lock held. If the same answer is sent twice, that is not a passkey whose count
    // went back.
    const met = await transaction.stepUpProof.findUnique({
      where: { challengeId: challenge.id },
      select: { id: true },
    });
    if (met) return { ok: false, error: expiredChallenge };
    const counts: readonly Count[] = [{ kind: "passkeysInSession", subject: caller.sessionId }];
    if (await blockedUntil(transaction, counts)) return { ok: false, error: tooMany };
    const signed = { challengeId: challenge.id, operationDigest: challenge.digest, random: challenge.random };
    const passkey = await lockPasskey(transaction, input.response.id);
    const from = passkey?.userId === caller.userId ? await countsLater(transaction, passkey.id) : null;
    if (from !== null) return { ok: false, error: waits(from) };
    // Another person's passkey is treated as unknown.
    const judged =
      passkey?.userId === caller.userId
        ? await judgeAssertion(
            transaction,
            passkey,
            { party, challenge: passkeyChallenge(signed) },
            input.response,
          )
        : ({ ok: false, error: "InvalidPasskey" } as const);
    const target = { id: caller.userId, displayName: caller.displayName };
    const entry = { caller, target, details: { operation: challenge.kind } };
    if (!passkey || !judged.ok) {
      const code = judged.ok ? "InvalidPasskey" : judged.error;
      await transaction.stepUpChallenge.delete({ where: { id: challenge.id } });
      await judgeAttempt(transaction, counts, false);
      await recordAuditEvent(transaction, {
        ...{ ...entry, kind: "StepUpFailed", outcome: "Failure", factor: "Passkey" },
        details: { ...entry.details, error: code },
      });
      if (passkey && code === "CounterWentBack")
        await recordCounterBack(transaction, caller, passkey, target);
      return { ok: false, error: { code, message: refusals[code] } };
    }
    const [proof] = await transaction.$queryRaw<{ id: string; method: "Passkey" }[]>`
      SELECT proof_id AS id, proof_method::text AS method
      FROM make_step_up_proof(${challenge.id}::uuid, ${caller.userId}::uuid, ${caller.sessionId}::uuid,
        'Passkey', ${passkey.id}::uuid)`;
    // The session ended while the signature was checked.
    if (!proof) return { ok: false, error: expiredChallenge };
    const evidence = passkeyEvidence(signed, challenge.operation, passkey.publicKey, input.response);
    await recordAuditEvent(transaction, {
      ...{ ...entry, kind: "StepUpSucceeded", outcome: "Success", proof },
      details: { ...entry.details, passkeyName: passkey.name, passkey: evidence },
    });
    return { ok: true, proofId: proof.id, token: await rotateSession(transaction, caller.sessionId) };
  });
}

/** From when a passkey counts; null if it counts now. */
async function countsLater(transaction: Transaction, passkeyId: string): Promise<Date | null> {
  const [row] = await transaction.$queryRaw<{ countsFrom: Date }[]>`
    SELECT counts_from AS "countsFrom" FROM passkeys
    WHERE id = ${passkeyId}::uuid AND counts_from > postern_now()`;
  return row?.countsFrom ?? null;
}
