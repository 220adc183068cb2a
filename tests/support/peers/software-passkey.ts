import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import { isoCBOR } from "@simplewebauthn/server/helpers";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import type { RelyingParty } from "@/lib/domain/people/relying-party";
import { beginPasskey, confirmPasskey } from "@/lib/identity/factors/passkey-registration";
import { meetChallengeWithPasskey } from "@/lib/identity/step-up/meet-with-passkey";
import { createChallenge, type MeetChallengeResult } from "@/lib/identity/step-up/step-up";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/** Postern's address in tests of passkeys. */
export const party: RelyingParty = { id: "postern.example", origin: "https://postern.example" };

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest();

/** What an authenticator sends besides the signature. The defaults are right. */
interface Says {
  readonly origin?: string;
  readonly rpId?: string;
  readonly userVerified?: boolean;
  readonly counter?: number;
  readonly type?: string;
  /** Whose it claims to be, at a sign-in. */
  readonly userId?: string;
}

/** A software authenticator with one ES256 key. It answers like a security key, or like a browser for one. */
export function softwarePasskey({ synced = false } = {}) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y } = publicKey.export({ format: "jwk" });
  const coordinate = (text = "") => new Uint8Array(Buffer.from(text, "base64url"));
  const cose = new Map<number, number | Uint8Array>([
    ...([
      [1, 2],
      [3, -7],
      [-1, 1],
    ] as const),
    [-2, coordinate(x)],
    [-3, coordinate(y)],
  ]);
  const credentialId = randomBytes(32);
  const id = base64url(credentialId);
  let used = 0;

  const clientData = (type: string, challenge: string, origin = party.origin) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const data = (says: Says, attested: Uint8Array = new Uint8Array()) => {
    const flags =
      1 + (says.userVerified === false ? 0 : 4) + (synced ? 8 + 16 : 0) + (attested.length > 0 ? 64 : 0);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(says.counter ?? (synced ? 0 : used));
    return Buffer.concat([sha256(says.rpId ?? party.id), Buffer.from([flags]), count, attested]);
  };
  return {
    id,
    /** Answers a request to create a passkey. */
    register(challenge: string, says: Says = {}): RegistrationResponseJSON {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(credentialId.length);
      const key = Buffer.from(isoCBOR.encode(cose));
      const attested = Buffer.concat([Buffer.alloc(16), length, credentialId, key]);
      const attestation = new Map<string, unknown>([
        ["fmt", "none"],
        ["attStmt", new Map()],
        ["authData", new Uint8Array(data(says, attested))],
      ]);
      return {
        ...{ id, rawId: id, type: "public-key", clientExtensionResults: {} },
        response: {
          clientDataJSON: base64url(clientData(says.type ?? "webauthn.create", challenge, says.origin)),
          attestationObject: base64url(isoCBOR.encode(attestation as Parameters<typeof isoCBOR.encode>[0])),
          transports: ["usb"],
        },
      };
    },
    /** Signs a challenge. Each signature increases the count by one. */
    answer(challenge: string, says: Says = {}): AuthenticationResponseJSON {
      used += 1;
      const authenticatorData = data(says);
      const clientDataJSON = clientData(says.type ?? "webauthn.get", challenge, says.origin);
      const signed = Buffer.concat([authenticatorData, sha256(clientDataJSON)]);
      return {
        ...{ id, rawId: id, type: "public-key", clientExtensionResults: {} },
        response: {
          authenticatorData: base64url(authenticatorData),
          clientDataJSON: base64url(clientDataJSON),
          signature: base64url(sign("sha256", signed, privateKey)),
          ...(says.userId
            ? { userHandle: base64url(Buffer.from(says.userId.replaceAll("-", ""), "hex")) }
            : {}),
        },
      };
    },
  };
}

export type SoftwarePasskey = ReturnType<typeof softwarePasskey>;

/** Registers a passkey for a caller, who proves themselves with their password and this pass, or with this proof. */
export async function registerPasskey(
  database: Database,
  caller: Caller,
  passkey: SoftwarePasskey = softwarePasskey(),
  proofId: string | null = null,
  pass = "",
): Promise<SoftwarePasskey> {
  const begun = await beginPasskey(database, party, caller, { proofId, reauthenticated: true, pass });
  if (!begun.ok) throw new Error(begun.message);
  const response = passkey.register(begun.options.challenge);
  const made = await confirmPasskey(database, party, caller, { name: "Key", response });
  if (!made.ok) throw new Error(made.message);
  return passkey;
}

/** Meets a new challenge for an operation with a passkey that says this. */
export async function proveWithPasskey(
  database: Database,
  caller: Caller,
  operation: ProtectedOperation,
  passkey: SoftwarePasskey,
  says: Says = {},
): Promise<MeetChallengeResult> {
  const challenge = await createChallenge(database, caller, operation);
  if (!challenge?.passkey) throw new Error("there is nothing to sign");
  const response = passkey.answer(challenge.passkey.challenge, says);
  return meetChallengeWithPasskey(database, party, caller, { challengeId: challenge.challengeId, response });
}
