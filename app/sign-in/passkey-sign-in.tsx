"use client";

import { useState, useSyncExternalStore } from "react";
import { askPasskey } from "@/components/ui/forms/ask-passkey";
import { Icon } from "@/components/ui/icon";
import { beginPasskey, finishPasskey } from "./actions";

const never = () => () => undefined;

/**
 * **Sign in with a passkey**: shown once scripts run, in browsers that have passkeys. Its place is kept until then, so that
 * the card in the middle of the screen does not move. Without scripts or passkeys there is none (`NoPasskeyPlace`).
 */
export function PasskeySignIn({ returnPath }: { returnPath: string }) {
  const able = useSyncExternalStore(
    never,
    () => "PublicKeyCredential" in window,
    () => null,
  );
  const [message, setMessage] = useState<string | null>(null);
  const [pending, setPending] = useState(false);

  async function signIn(): Promise<string | null> {
    const begun = await beginPasskey({}, new FormData());
    if (!begun.ask) return begun.message ?? null;
    const answered = await askPasskey(begun.ask);
    if (!answered.ok) return answered.message;
    const form = new FormData();
    form.set("passkey", answered.answer);
    form.set("return", returnPath);
    const finished = await finishPasskey({}, form);
    // A full page load, so that nothing of the previous page stays.
    if (finished.next) location.assign(finished.next);
    return finished.message ?? null;
  }

  if (able === false) return null;
  return (
    <div className={able ? "grid gap-3" : "invisible grid gap-3 noscript:hidden"}>
      <button
        type="button"
        className="button w-full"
        aria-disabled={pending}
        aria-busy={pending}
        onClick={() => {
          if (pending) return;
          setPending(true);
          setMessage(null);
          signIn()
            .then(setMessage)
            .catch(() => setMessage("There was no answer. Try again."))
            .finally(() => setPending(false));
        }}
      >
        <Icon name="key-round" size={15} /> Sign in with a passkey
      </button>
      {message ? (
        <p role="alert" className="rounded-md bg-danger-tint px-3 py-2 text-danger">
          {message}
        </p>
      ) : null}
    </div>
  );
}
