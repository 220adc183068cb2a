"use server";

import { z } from "zod";
import { relyingPartyOf } from "@/lib/domain/people/relying-party";
import { isolated } from "@/lib/domain/text/visible-text";
import { beginPasskey, confirmPasskey, passkeyNameFault } from "@/lib/identity/factors/passkey-registration";
import { removePasskey, renamePasskey } from "@/lib/identity/factors/passkeys";
import { provedForFirstFactor } from "@/lib/identity/passwords/reauthenticate";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { formAction, provedAction } from "@/lib/web/actions/form-action";
import { typedPass, typedPassword } from "@/lib/web/form-fields";
import { refused } from "@/lib/web/form-outcome";
import { registrationShape, removeShape, renameShape } from "./passkey-shapes";

const impossible = refused("Passkeys work only if Postern is served over HTTPS under a host name.");
const wrongPassword =
  "This is not your password, or there were too many attempts. Wait a moment and try again.";

export const prepareRegistration = challengeAction({
  shape: z.object({}),
  operation: () => ({ kind: "RegisterPasskey" }),
});

/**
 * The options with which the browser makes a new passkey. Requires proof of a factor in force, or the password
 * if there is none.
 */
export const beginRegistration = provedAction({
  shape: z.object({
    name: z.string().max(500, "Write a shorter name."),
    password: typedPassword.default(""),
    pass: typedPass,
  }),
  async run({ caller, configuration, database, proofId }, { name, password, pass }) {
    const party = relyingPartyOf(configuration.publicUrl);
    if (!party) return null;
    const message = passkeyNameFault(name);
    if (message !== null) return { ok: false as const, field: "name" as const, message };
    const reauthenticated = await provedForFirstFactor(database, caller, password, "PasskeyRegistered");
    return beginPasskey(database, party, caller, { proofId, reauthenticated, pass });
  },
  // The browser makes the passkey next, and the page is read again once it is registered.
  refresh: () => false,
  answer(result, { proofId }, { password }) {
    if (!result) return impossible;
    if (result.ok) return { ok: true, message: "", newPasskey: result.options };
    const { field } = result;
    const message = field === "password" && password !== "" ? wrongPassword : result.message;
    const needsCode = field === "code";
    return refused(message, {
      ...{ fieldErrors: { [field]: message }, needsCode, proofId: needsCode ? null : proofId },
    });
  },
});

/** Registers the passkey that the browser made. */
export const confirmRegistration = formAction({
  shape: registrationShape,
  async run({ caller, configuration, database }, { name, registration }) {
    const party = relyingPartyOf(configuration.publicUrl);
    return party && confirmPasskey(database, party, caller, { name, response: registration });
  },
  answer(result) {
    if (!result) return impossible;
    if (result.ok) return { ok: true, message: `The passkey ${isolated(result.name)} is added.` };
    return refused(result.message, { fieldErrors: result.field ? { [result.field]: result.message } : {} });
  },
});

export const rename = formAction({
  shape: renameShape,
  run: ({ caller, database }, fields) => renamePasskey(database, caller, fields),
  answer: (result) =>
    result.ok
      ? { ok: true, message: "The passkey is renamed." }
      : refused(result.message, { fieldErrors: { name: result.message } }),
});

export const prepareRemoval = challengeAction({
  shape: removeShape,
  operation: ({ passkeyId }) => ({ kind: "RemovePasskey", passkeyId }),
});

/** Removes a passkey. Requires a proof of a factor in force. */
export const remove = provedAction({
  shape: removeShape,
  run: ({ caller, database, proofId }, { passkeyId }) =>
    removePasskey(database, caller, { passkeyId, proofId }),
  answer: (result) =>
    result.ok
      ? { ok: true, message: `The passkey ${isolated(result.name)} is removed.` }
      : refused(result.message, { needsCode: result.unproved }),
});
