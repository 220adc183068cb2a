"use client";

import { useEffect } from "react";
import { type ConfirmationMessage, confirmationChannel } from "@/lib/web/confirmation-message";

/** Tells the form the result, once, and closes the window if it was confirmed. */
export function TellForm({ challengeId, fault }: ConfirmationMessage) {
  useEffect(() => {
    if (challengeId === "") return;
    const channel = new BroadcastChannel(confirmationChannel);
    channel.postMessage({ challengeId, fault } satisfies ConfirmationMessage);
    channel.close();
    if (fault === null) window.close();
  }, [challengeId, fault]);
  return (
    <button type="button" className="button button-primary" onClick={() => window.close()}>
      Close this window
    </button>
  );
}
