import type { PasskeyToAsk } from "@/lib/web/form-outcome";

/** A browser's answer: what a passkey signed, or why there is nothing, in words. */
export type PasskeyAnswer =
  | { readonly ok: true; readonly answer: string }
  | { readonly ok: false; readonly message: string };

const canceled = "No passkey was used. Try again, or use another factor.";

/** The meaning of a browser's error, for the reader. */
export function passkeyFault(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "AbortError") return canceled;
  if (name === "SecurityError")
    return "This browser does not accept passkeys at this address. Open Postern at its own address.";
  if (name === "InvalidStateError") return "This device already has a passkey of yours.";
  return "This browser could not use a passkey. Try again, or use another factor.";
}

/** Asks one of these passkeys to sign the challenge, with the person verified. Loads the code for it when needed. */
export async function askPasskey({ rpId, challenge, credentials }: PasskeyToAsk): Promise<PasskeyAnswer> {
  const { browserSupportsWebAuthn, startAuthentication } = await import("@simplewebauthn/browser");
  if (!browserSupportsWebAuthn())
    return { ok: false, message: "This browser does not support passkeys. Use another browser or factor." };
  try {
    const response = await startAuthentication({
      optionsJSON: {
        ...{ challenge, rpId, userVerification: "required", timeout: 5 * 60_000 },
        allowCredentials: credentials.map((id) => ({ id, type: "public-key" })),
      },
    });
    return { ok: true, answer: JSON.stringify(answerOf(response)) };
  } catch (error) {
    return { ok: false, message: passkeyFault(error) };
  }
}

/** The parts of a response that the server reads. */
function answerOf({
  id,
  rawId,
  type,
  response,
}: Awaited<ReturnType<typeof import("@simplewebauthn/browser").startAuthentication>>) {
  const { authenticatorData, clientDataJSON, signature, userHandle } = response;
  const signed = { authenticatorData, clientDataJSON, signature, ...(userHandle ? { userHandle } : {}) };
  return { id, rawId, type, clientExtensionResults: {}, response: signed };
}
