"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { toString as qrCode } from "qrcode";
import { z } from "zod";
import {
  beginEnrolment,
  confirmEnrolment,
  removeAuthenticator,
  replaceRecoveryCodes,
} from "@/lib/identity/authenticator";
import { changePassword } from "@/lib/identity/change-password";
import { rememberDevice } from "@/lib/identity/known-device";
import { reauthenticate } from "@/lib/identity/reauthenticate";
import { endOtherSessions, endSession } from "@/lib/identity/sessions";
import { busyMessage } from "@/lib/identity/sign-in-turns";
import { application } from "@/lib/platform/application";
import { unlessBusy } from "@/lib/platform/concurrency-limit";
import { prepareChallenge, proofOf } from "@/lib/web/actions/step-up";
import { fieldErrorsOf, fieldsOf, isForm, stepUpFields, typedCode } from "@/lib/web/form-fields";
import { type FormOutcome, type PreparedChallenge, refused, signedOutOutcome } from "@/lib/web/form-outcome";
import { currentCaller, deviceCookie, setDeviceCookie, setSessionCookie } from "@/lib/web/request";

const typedPassword = z.string().max(2_000, "Enter a shorter password.");
const stepUp = z.object({ newCode: typedCode, password: typedPassword.optional(), ...stepUpFields });
const passwords = z.object({ currentPassword: typedPassword, newPassword: typedPassword });
const malformed = refused("This form was not understood. Open the page anew.");
const wrongPassword =
  "This is not your password, or there were too many attempts. Wait a moment and try again.";
const unproved = refused("Enter a code of your authenticator app, or a recovery code.", { needsCode: true });

async function prepare(
  kind: "ReplaceAuthenticator" | "RemoveAuthenticator" | "ReplaceRecoveryCodes",
): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  return caller ? prepareChallenge(caller, { kind }) : { ok: false, message: "Sign in first." };
}

export async function prepareReplacement(): Promise<PreparedChallenge> {
  return prepare("ReplaceAuthenticator");
}
export async function prepareRemoval(): Promise<PreparedChallenge> {
  return prepare("RemoveAuthenticator");
}
export async function prepareRecoveryCodes(): Promise<PreparedChallenge> {
  return prepare("ReplaceRecoveryCodes");
}

/** Makes the key of a new authenticator app, on proof of the one in force or, where none is, of the password. */
export async function beginAuthenticator(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = stepUp.safeParse(fieldsOf(form));
  if (!parsed.success) return malformed;
  const proof = await proofOf(caller, parsed.data);
  if (!proof.ok) return proof.outcome;
  const { configuration, database } = application();
  const { password = "" } = parsed.data;
  const reauthenticated =
    password !== "" &&
    (await unlessBusy(() => reauthenticate(database, caller, password, "AuthenticatorEnrolled"), null));
  if (reauthenticated === null) return refused(busyMessage, { fieldErrors: { password: busyMessage } });
  const input = { proofId: proof.proofId, reauthenticated };
  const result = await beginEnrolment(database, configuration.encryptionKeys, caller, input);
  if (!result.ok && result.field === "oldCode")
    return refused(result.message, { fieldErrors: { code: result.message }, needsCode: true });
  if (!result.ok) {
    const message = password === "" ? result.message : wrongPassword;
    return refused(message, { fieldErrors: { password: message } });
  }
  const { secret, uri } = result;
  const image = await qrCode(uri, { type: "svg", margin: 2 });
  return { ok: true, message: "", key: { secret, uri, image } };
}

/** Confirms a new authenticator app by a code of it; the first one brings recovery codes, one a line of the answer. */
export async function confirmAuthenticator(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = stepUp.safeParse(fieldsOf(form));
  if (!parsed.success) return malformed;
  const { configuration, database } = application();
  const code = parsed.data.newCode ?? "";
  const result = await confirmEnrolment(database, configuration.encryptionKeys, caller, code);
  if (!result.ok) return refused(result.message, { fieldErrors: { newCode: result.message } });
  if (!result.recoveryCodes) revalidatePath("/account/security");
  return { ok: true, message: result.recoveryCodes?.join("\n") ?? "The new authenticator app is in force." };
}

/** Removes the authenticator app, on proof of it. */
export async function removeApp(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = stepUp.safeParse(fieldsOf(form));
  if (!parsed.success) return malformed;
  const proof = await proofOf(caller, parsed.data);
  if (!proof.ok) return proof.outcome;
  if (!(await removeAuthenticator(application().database, caller, proof.proofId))) return unproved;
  revalidatePath("/account/security");
  return { ok: true, message: "The authenticator app is removed." };
}

/** Makes ten new recovery codes, on proof; one a line of the answer. */
export async function newRecoveryCodes(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = stepUp.safeParse(fieldsOf(form));
  if (!parsed.success) return malformed;
  const proof = await proofOf(caller, parsed.data);
  if (!proof.ok) return proof.outcome;
  const codes = await replaceRecoveryCodes(application().database, caller, proof.proofId);
  return codes ? { ok: true, message: codes.join("\n") } : unproved;
}

/** Changes the caller's password, on proof of the old one; every other session ends. */
export async function submitPassword(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = passwords.safeParse(fieldsOf(form));
  if (!parsed.success)
    return refused("Check the fields marked above.", { fieldErrors: fieldErrorsOf(parsed.error) });
  const { configuration, database } = application();
  const result = await changePassword(database, caller, parsed.data);
  if (!result.ok) return refused(result.message, { fieldErrors: { [result.field]: result.message } });
  await setSessionCookie(result.token);
  // Whoever chose the password here is known here by it, as after signing in.
  const known = await deviceCookie();
  await setDeviceCookie(rememberDevice(configuration.sessionSecret, known, caller.userId, result.changedAt));
  revalidatePath("/account/security");
  return { ok: true, message: "Your password is changed, and your other sessions are ended." };
}

/** Ends one of the caller's sessions, or with no id all the others. */
export async function endSessions(form: FormData): Promise<void> {
  const caller = await currentCaller();
  if (!caller) redirect("/sign-in");
  if (!isForm(form)) return;
  const id = z.uuid().safeParse(fieldsOf(form).sessionId);
  if (id.success) await endSession(application().database, caller, id.data);
  else await endOtherSessions(application().database, caller);
  revalidatePath("/account/security");
}
