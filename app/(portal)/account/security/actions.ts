"use server";

import { z } from "zod";
import { beginEnrolment, confirmEnrolment } from "@/lib/identity/factors/authenticator";
import { replaceRecoveryCodes } from "@/lib/identity/factors/recovery-codes";
import { removeAuthenticator } from "@/lib/identity/factors/remove-authenticator";
import { changePassword } from "@/lib/identity/passwords/change-password";
import { provedForFirstFactor } from "@/lib/identity/passwords/reauthenticate";
import { rememberDevice } from "@/lib/identity/sessions/known-device";
import { stopFactorReset } from "@/lib/operations/people/stop-factor-reset";
import { buttonAction } from "@/lib/web/actions/button-action";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { formAction, provedAction } from "@/lib/web/actions/form-action";
import { keyToShow } from "@/lib/web/factor-key";
import { typedCode, typedPass, typedPassword } from "@/lib/web/form-fields";
import { refused } from "@/lib/web/form-outcome";
import { deviceCookie, setDeviceCookie, setSessionCookie } from "@/lib/web/request";

const nothing = z.object({});
const wrongPassword =
  "This is not your password, or there were too many attempts. Wait a moment and try again.";
const unproved = refused("Enter a code of your authenticator app, or a recovery code.", { needsCode: true });

export const prepareReplacement = challengeAction({
  shape: nothing,
  operation: () => ({ kind: "ReplaceAuthenticator" }),
});
export const prepareRemoval = challengeAction({
  shape: nothing,
  operation: () => ({ kind: "RemoveAuthenticator" }),
});
export const prepareRecoveryCodes = challengeAction({
  shape: nothing,
  operation: () => ({ kind: "ReplaceRecoveryCodes" }),
});

/** Makes the key of a new authenticator app. Requires proof of the present one, or the password if there is none. */
export const beginAuthenticator = provedAction({
  shape: z.object({ password: typedPassword.default(""), pass: typedPass }),
  async run({ caller, configuration, database, proofId }, { password, pass }) {
    const reauthenticated = await provedForFirstFactor(database, caller, password, "AuthenticatorEnrolled");
    const input = { proofId, reauthenticated, pass };
    return beginEnrolment(database, configuration.encryptionKeys, caller, input);
  },
  // After a refresh the page would show the form without the key.
  refresh: () => false,
  async answer(result, _by, { password }) {
    if (result.ok) return { ok: true, message: "", key: await keyToShow(result) };
    if (result.field === "oldCode")
      return refused(result.message, { fieldErrors: { code: result.message }, needsCode: true });
    const { field } = result;
    const message = field === "pass" || password === "" ? result.message : wrongPassword;
    return refused(message, { fieldErrors: { [field]: message } });
  },
});

/** Confirms a new authenticator app with one of its codes. The first one comes with recovery codes, one a line. */
export const confirmAuthenticator = formAction({
  shape: z.object({ newCode: typedCode }),
  run: ({ caller, configuration, database }, { newCode }) =>
    confirmEnrolment(database, configuration.encryptionKeys, caller, newCode ?? ""),
  refresh: (outcome) => outcome.ok && !outcome.message.includes("\n"),
  answer: (result) =>
    result.ok
      ? { ok: true, message: result.recoveryCodes?.join("\n") ?? "The new authenticator app is set up." }
      : refused(result.message, { fieldErrors: { newCode: result.message } }),
});

/** Removes the authenticator app. Requires proof of it. */
export const removeApp = provedAction({
  shape: nothing,
  run: ({ caller, database, proofId }) => removeAuthenticator(database, caller, proofId),
  answer: (removed) => {
    if (removed.ok) return { ok: true, message: "The authenticator app is removed." };
    return removed.message === null ? unproved : refused(removed.message);
  },
});

/** Makes ten new recovery codes, one a line. Requires a proof. */
export const newRecoveryCodes = provedAction({
  shape: nothing,
  run: ({ caller, database, proofId }) => replaceRecoveryCodes(database, caller, proofId),
  refresh: () => false,
  answer: (codes) => (codes ? { ok: true, message: codes.join("\n") } : unproved),
});

/** Changes the caller's password. Requires the old one, and ends every other session. */
export const submitPassword = formAction({
  shape: z.object({
    currentPassword: typedPassword.refine(Boolean, "Enter your current password."),
    newPassword: typedPassword.refine(Boolean, "Enter a new password."),
  }),
  run: ({ caller, database }, fields) => changePassword(database, caller, fields),
  async answer(result, { caller, configuration }) {
    if (!result.ok) return refused(result.message, { fieldErrors: { [result.field]: result.message } });
    await setSessionCookie(result.token);
    // This browser becomes known for the account, as after signing in.
    const known = await deviceCookie();
    const { changedAt } = result;
    await setDeviceCookie(rememberDevice(configuration.sessionSecrets, known, caller.userId, changedAt));
    return { ok: true, message: "Your password is changed, and your other sessions are ended." };
  },
});

/** Stops the reset of the caller's own factors. */
export const stopReset = buttonAction({
  shape: z.object({ resetId: z.uuid() }),
  run: ({ caller, database }, fields) => stopFactorReset(database, caller, fields),
});
