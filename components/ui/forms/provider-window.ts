import { useEffect, useRef, useState } from "react";
import type { Described } from "@/components/ui/forms/form-challenge";
import type { OwnProvider } from "@/components/ui/forms/own-factors";
import type { ConfirmationFaultName } from "@/lib/web/confirmation-faults";
import {
  confirmationAddress,
  confirmationChannel,
  confirmationMessage,
} from "@/lib/web/confirmation-message";

/** The result of a provider's window: the challenge is confirmed, or why it is not, in words. */
export type ProviderAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly message: string; readonly signedOut: boolean };

/** A window that was opened for a provider, before it is sent anywhere. */
export interface ProviderWindow {
  leadTo(challenge: Described): void;
  closeUnlessLed(): void;
}

/**
 * Opens windows in which a provider confirms the form's challenge, and receives their results. The form stays as it
 * is meanwhile, so nothing that was typed can be lost. The window must be opened while the browser still knows that
 * somebody clicked. Null if the browser opens none. `waitingFor` is the provider whose window the form waits for.
 */
export function useProviderWindow(onAnswer: (answer: ProviderAnswer) => void) {
  const hear = useRef(onAnswer);
  const channel = useRef<BroadcastChannel | null>(null);
  const [waitingFor, setWaitingFor] = useState<string | null>(null);
  useEffect(() => {
    hear.current = onAnswer;
  });
  useEffect(() => () => channel.current?.close(), []);

  /** Says what went wrong. The sentences are loaded then, since a window hardly ever fails. */
  async function tell(fault: ConfirmationFaultName, name: string) {
    const signedOut = fault === "SignedOut";
    const message = await import("@/lib/web/confirmation-sentences").then(
      ({ confirmationSentence }) => confirmationSentence(fault, name),
      () => `${name} confirmed nothing. Try again.`,
    );
    hear.current({ ok: false, message, signedOut });
  }

  /**
   * Listens for one challenge. Messages of another form's window, or of one that was opened before, concern
   * other challenges.
   */
  function hearOf(challengeId: string, name: string) {
    channel.current?.close();
    const opened = new BroadcastChannel(confirmationChannel);
    channel.current = opened;
    setWaitingFor(name);
    opened.onmessage = ({ data }) => {
      const message = confirmationMessage(data);
      if (message?.challengeId !== challengeId) return;
      opened.close();
      setWaitingFor(null);
      if (message.fault === null) hear.current({ ok: true });
      else tell(message.fault, name);
    };
  }

  function open(provider: OwnProvider, phishingResistant: boolean): ProviderWindow | null {
    const opened = window.open("about:blank", "_blank", "popup,width=560,height=720");
    if (!opened) return null;
    let led = false;
    return {
      leadTo({ challengeId }) {
        led = true;
        hearOf(challengeId, provider.name);
        opened.location.href = confirmationAddress(provider.id, challengeId, phishingResistant);
      },
      closeUnlessLed() {
        if (!led) opened.close();
      },
    };
  }
  return { open, waitingFor };
}
