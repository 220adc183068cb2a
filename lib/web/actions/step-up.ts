import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { relyingPartyOf } from "@/lib/domain/people/relying-party";
import { factorState } from "@/lib/identity/factors/factor-state";
import { lockedInWords } from "@/lib/identity/factors/verify-factor";
import { confirmedProof } from "@/lib/identity/step-up/confirm-with-provider";
import { meetChallengeWithPasskey } from "@/lib/identity/step-up/meet-with-passkey";
import { createChallenge, type MeetChallengeResult, meetChallenge } from "@/lib/identity/step-up/step-up";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { confirmingFor } from "@/lib/platform/confirming-providers";
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
  const party = relyingPartyOf(application().configuration.publicUrl);
  const passkey = party && challenge.passkey && { rpId: party.id, ...challenge.passkey };
  const { identityProviders } = application().configuration;
  const other = confirmingFor(identityProviders, challenge.issuers).length > 0;
  // A locked factor is shown before anybody types a code. It locks neither a passkey nor a provider.
  const { lockedUntil } = await factorState(application().database, caller);
  if (lockedUntil && !passkey && !other) {
    const message = await textInReadersZone(lockedInWords(lockedUntil));
    return {
      ok: false,
      message,
      refused: refused(message, { needsCode: true, fieldErrors: { code: message } }),
    };
  }
  return { ok: true, challengeId: challenge.challengeId, ...challenge.description, passkey };
}

/**
 * The proof of a submission: one that the form includes, one for the code typed now, or none. A wrong code has
 * its own outcome. With each right code the browser gets the session's new secret.
 */
export async function proofOf(
  caller: Caller,
  fields: StepUpFields,
): Promise<{ ok: true; proofId: string | null } | { ok: false; outcome: FormOutcome }> {
  if (fields.proofId !== null) return { ok: true, proofId: fields.proofId };
  if (fields.confirmed && fields.challengeId !== null)
    return { ok: true, proofId: await confirmedProof(application().database, caller, fields.challengeId) };
  const met = await metBy(caller, fields);
  if (!met) return { ok: true, proofId: null };
  if (!met.ok) {
    const { message } = met.error;
    const field = fields.passkey ? "passkey" : "code";
    return { ok: false, outcome: refused(message, { needsCode: true, fieldErrors: { [field]: message } }) };
  }
  await renewSessionCookie(met.token);
  return { ok: true, proofId: met.proofId };
}

/** The challenge, met with the passkey or the code of a submission. Null without either. */
async function metBy(caller: Caller, fields: StepUpFields): Promise<MeetChallengeResult | null> {
  const { code, challengeId, passkey } = fields;
  if (challengeId === null) return null;
  const { configuration, database } = application();
  const party = relyingPartyOf(configuration.publicUrl);
  if (passkey && party)
    return meetChallengeWithPasskey(database, party, caller, { challengeId, response: passkey });
  return code === null
    ? null
    : meetChallenge(database, configuration.encryptionKeys, caller, { challengeId, code });
}
