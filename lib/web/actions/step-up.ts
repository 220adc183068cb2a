import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { factorState } from "@/lib/identity/factor-state";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up";
import { lockedInWords } from "@/lib/identity/verify-factor";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import type { StepUpFields } from "@/lib/web/form-fields";
import { type FormOutcome, type PreparedChallenge, refused } from "@/lib/web/form-outcome";
import { textInReadersZone } from "@/lib/web/reader-zone";
import { renewSessionCookie } from "@/lib/web/request";

/** The challenge for an operation, as a form shows it. */
export async function prepareChallenge(
  caller: Caller,
  operation: ProtectedOperation,
): Promise<PreparedChallenge> {
  const challenge = await createChallenge(application().database, caller, operation);
  if (!challenge) return { ok: false, message: "This does not exist, or you have no access to it." };
  // A locked factor is said before a code is typed in vain.
  const { lockedUntil } = await factorState(application().database, caller);
  if (lockedUntil) {
    const message = await textInReadersZone(lockedInWords(lockedUntil));
    return {
      ok: false,
      message,
      refused: refused(message, { needsCode: true, fieldErrors: { code: message } }),
    };
  }
  return { ok: true, challengeId: challenge.challengeId, ...challenge.description };
}

/**
 * The proof of a submission: one that the form carries, one for the code typed now, or none. A wrong code is an outcome
 * of its own. With each right code the browser gets the session's new secret.
 */
export async function proofOf(
  caller: Caller,
  fields: StepUpFields,
): Promise<{ ok: true; proofId: string | null } | { ok: false; outcome: FormOutcome }> {
  if (fields.proofId !== null) return { ok: true, proofId: fields.proofId };
  if (fields.code === null || fields.challengeId === null) return { ok: true, proofId: null };
  const { configuration, database } = application();
  const met = await meetChallenge(database, configuration.encryptionKeys, caller, {
    challengeId: fields.challengeId,
    code: fields.code,
  });
  if (!met.ok) {
    return {
      ok: false,
      outcome: refused(met.error.message, { needsCode: true, fieldErrors: { code: met.error.message } }),
    };
  }
  await renewSessionCookie(met.token);
  return { ok: true, proofId: met.proofId };
}
