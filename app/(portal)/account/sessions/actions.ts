"use server";

import { z } from "zod";
import { proveAgainWithFactor, proveAgainWithPassword } from "@/lib/identity/factors/prove-again";
import { endOwnSessions } from "@/lib/identity/sessions/own-sessions";
import { buttonAction } from "@/lib/web/actions/button-action";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { formAction, provedAction } from "@/lib/web/actions/form-action";
import { typedPassword } from "@/lib/web/form-fields";
import { refused } from "@/lib/web/form-outcome";

const nothing = z.object({});

export const prepareProof = challengeAction({
  shape: nothing,
  operation: () => ({ kind: "ManageSessions" }),
});

/** Proves again who the caller is, with their password. */
export const proveWithPassword = formAction({
  shape: z.object({ password: typedPassword }),
  run: ({ caller, database }, { password }) => proveAgainWithPassword(database, caller, password),
  answer(proved) {
    if (proved) return { ok: true, message: "" };
    const message =
      "This is not your password, or there were too many attempts. Wait a moment and try again.";
    return refused(message, { fieldErrors: { password: message } });
  },
});

/** Proves it with a factor. */
export const proveWithFactor = provedAction({
  shape: nothing,
  run: ({ caller, database, proofId }) => proveAgainWithFactor(database, caller, proofId),
  answer: (proved) =>
    proved
      ? { ok: true, message: "" }
      : refused("Enter a code of your authenticator app, or a recovery code.", { needsCode: true }),
});

/**
 * Ends one of the caller's other sessions. Without an id: all of them. Without a recent proof it ends none, and the
 * page asks for one.
 */
export const endSessions = buttonAction({
  shape: z.object({ sessionId: z.uuid().optional() }),
  run: ({ caller, database }, { sessionId }) => endOwnSessions(database, caller, sessionId ?? null),
});
