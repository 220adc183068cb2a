import { createHash } from "node:crypto";
import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import { z } from "zod";
import { sortedJson } from "@/lib/domain/gate/canonical-operation";
import type { RelyingParty } from "@/lib/domain/people/relying-party";
import { signedInfo } from "@/lib/identity/factors/passkey-assertion";

/** What a passkey's signature is bound to at a step-up. */
interface Signed {
  readonly challengeId: string;
  /** SHA-256 of the operation's canonical text. */
  readonly operationDigest: Uint8Array;
  /** 32 random bytes of this challenge. */
  readonly random: Uint8Array;
}

/**
 * The challenge that a passkey signs to confirm an operation: SHA-256 of a label, the challenge's id, the operation's
 * digest and the random value, as base64url. Anyone who has the log can compute it again.
 */
export function passkeyChallenge({ challengeId, operationDigest, random }: Signed): string {
  return createHash("sha256")
    .update(`Postern step-up 1\n${challengeId}\n`)
    .update(operationDigest)
    .update(random)
    .digest("base64url");
}

/**
 * What the event of a step-up stores in `details.passkey`: the operation that was confirmed, and
 * everything needed to check its signature. All but the operation is base64url.
 */
const evidenceShape = z.object({
  challengeId: z.uuid(),
  random: z.string(),
  operation: z.record(z.string(), z.unknown()),
  credentialId: z.string(),
  publicKey: z.string(),
  authenticatorData: z.string(),
  clientDataJSON: z.string(),
  signature: z.string(),
});

/** The evidence for a signature that was judged to be right. */
export function passkeyEvidence(
  signed: Pick<Signed, "challengeId" | "random">,
  operation: string,
  publicKey: Uint8Array,
  { id, response }: AuthenticationResponseJSON,
) {
  return {
    challengeId: signed.challengeId,
    random: Buffer.from(signed.random).toString("base64url"),
    operation: JSON.parse(operation),
    credentialId: id,
    publicKey: Buffer.from(publicKey).toString("base64url"),
    authenticatorData: response.authenticatorData,
    clientDataJSON: response.clientDataJSON,
    signature: response.signature,
  };
}

/**
 * Whether the details of a logged step-up by passkey are what the passkey signed. It needs only the
 * event and Postern's address. It fails if the operation, key or signature was changed since.
 */
export async function verifyPasskeyEvidence(details: unknown, party: RelyingParty): Promise<boolean> {
  const parsed = z.object({ passkey: evidenceShape }).safeParse(details);
  if (!parsed.success) return false;
  const { credentialId, operation, publicKey, random, challengeId, ...response } = parsed.data.passkey;
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, "base64url"));
  const operationDigest = createHash("sha256").update(sortedJson(operation)).digest();
  const challenge = passkeyChallenge({ challengeId, operationDigest, random: bytes(random) });
  const info = await signedInfo(
    bytes(publicKey),
    { party, challenge },
    { id: credentialId, rawId: credentialId, type: "public-key", clientExtensionResults: {}, response },
  );
  return info !== null;
}
