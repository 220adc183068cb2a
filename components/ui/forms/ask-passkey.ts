import type { PasskeyAnswer } from "@/components/ui/forms/passkey-answer";
import type { PasskeyToAsk } from "@/lib/web/form-outcome";

const loadCode = () => import("@/components/ui/forms/passkey-answer");

/** Loads the code that asks a passkey. If it fails, it is requested again when a passkey is asked. */
export function passkeyComesNear(): void {
  loadCode().catch(() => undefined);
}

/** Asks one of these passkeys to sign the challenge, with the person verified. */
export async function askPasskey(asked: PasskeyToAsk): Promise<PasskeyAnswer> {
  const code = await loadCode();
  return code.askPasskey(asked);
}
