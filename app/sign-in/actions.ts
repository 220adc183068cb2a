"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { relyingPartyOf } from "@/lib/domain/people/relying-party";
import {
  endSession,
  issuerOfSession,
  type Origin,
  type SessionToken,
} from "@/lib/identity/sessions/sessions";
import { busyMessage } from "@/lib/identity/sessions/sign-in-turns";
import { beginPasskeySignIn, signInWithPasskey } from "@/lib/identity/sign-in/passkey-sign-in";
import {
  type Awaiting,
  beginFactorAtSignIn,
  beginPasskeyAtSignIn,
  confirmFactorAtSignIn,
  confirmPasskeyAtSignIn,
  signInWithCode,
} from "@/lib/identity/sign-in/second-factor";
import { signIn } from "@/lib/identity/sign-in/sign-in";
import type { Database } from "@/lib/platform/database";
import { strangerAction, strangerButton } from "@/lib/web/actions/stranger-action";
import { jsonOf, passkeyAnswer, typedCode, typedPass, withoutNul } from "@/lib/web/form-fields";
import { type FormOutcome, type PasskeyToAsk, refused } from "@/lib/web/form-outcome";
import { sentences } from "@/lib/web/form-sentences";
import {
  awaitingToken,
  clearSessionCookie,
  currentCaller,
  deviceCookie,
  passkeyCookie,
  setAwaitingCookie,
  setDeviceCookie,
  setPasskeyCookie,
  setSessionCookie,
} from "@/lib/web/request";
import { safeReturnPath } from "@/lib/web/return-path";
import { registrationShape } from "../(portal)/account/security/passkey/passkey-shapes";
import { endFormer, firstAppBegun, firstAppConfirmed } from "./first-app";

/** Opens a new session in this browser, and ends its previous one. */
async function openHere(database: Database, made: { readonly token: SessionToken; readonly device: string }) {
  await endFormer(database);
  await setSessionCookie(made.token);
  await setDeviceCookie(made.device);
}

export interface SignInState {
  readonly message: string | null;
  readonly email: string;
}

/** Signs in, then opens the page that was asked for. */
export const signInAction = strangerAction({
  shape: z.object({
    email: z.string().max(320).transform(withoutNul),
    password: z.string().max(1_000),
    return: z.string().max(2_000).optional(),
  }),
  misread: (): SignInState => ({ message: "Enter your email and password.", email: "" }),
  async run({ configuration, database, origin }, fields): Promise<SignInState> {
    const result = await signIn(database, configuration.sessionSecrets, fields, origin, await deviceCookie());
    if (!result.ok && result.reason === "ChoosePassword") {
      redirect(`/choose-password?token=${encodeURIComponent(result.ticket)}`);
    }
    const next = safeReturnPath(fields.return);
    if (!result.ok && result.reason === "SecondFactor") {
      await setAwaitingCookie(result.awaiting);
      redirect(`/sign-in/second-factor?return=${encodeURIComponent(next)}`);
    }
    if (!result.ok) return { message: result.message, email: fields.email };
    await openHere(database, result);
    redirect(next);
  },
});

/** A sign-in of this browser with the right password. Sends everybody else back to the password. */
async function awaiting(origin: Origin): Promise<Awaiting> {
  const token = await awaitingToken();
  if (!token) redirect("/sign-in?again=1");
  return { token, origin, device: await deviceCookie() };
}

/** Signs in with a code, after the password, then opens the page that was asked for. */
export const showSecondFactor = strangerAction({
  shape: z.object({ code: z.string().max(100), return: z.string().max(2_000).optional() }),
  misread: (): { message: string | null } => ({ message: "Enter a code." }),
  async run({ configuration, database, origin }, fields): Promise<{ message: string | null }> {
    const result = await signInWithCode(database, configuration, await awaiting(origin), fields.code);
    if (!result.ok && result.over) redirect("/sign-in?again=1");
    if (!result.ok) return { message: result.message };
    await openHere(database, result);
    await setAwaitingCookie(null);
    redirect(safeReturnPath(fields.return));
  },
});

const noPasskeys = "Passkeys work only if Postern is served over HTTPS under a host name.";
const misreadFactor = (fieldErrors: Readonly<Record<string, string>>): FormOutcome =>
  refused(sentences.checkFields, { fieldErrors });

/** Makes the key of a first authenticator app for somebody who signs in and has no factor. */
export const beginFirstApp = strangerAction({
  shape: z.object({ pass: typedPass }),
  misread: misreadFactor,
  async run({ configuration, database, origin }, { pass }): Promise<FormOutcome> {
    const begun = await beginFactorAtSignIn(database, configuration, await awaiting(origin), pass);
    return firstAppBegun(begun, "/sign-in?again=1");
  },
});

/** Confirms that app, and signs in. The recovery codes are shown once. */
export const confirmFirstApp = strangerAction({
  shape: z.object({ newCode: typedCode }),
  misread: misreadFactor,
  async run({ configuration, database, origin }, { newCode }): Promise<FormOutcome> {
    const result = await confirmFactorAtSignIn(
      database,
      configuration,
      await awaiting(origin),
      newCode ?? "",
    );
    return firstAppConfirmed(database, result, "/sign-in?again=1");
  },
});

/** The options with which the browser makes a first passkey, for somebody who signs in and has no factor that counts. */
export const beginFirstPasskey = strangerAction({
  shape: z.object({ pass: typedPass }),
  misread: misreadFactor,
  async run({ configuration, database, origin }, { pass }): Promise<FormOutcome> {
    const party = relyingPartyOf(configuration.publicUrl);
    if (!party) return refused(noPasskeys);
    const result = await beginPasskeyAtSignIn(database, party, await awaiting(origin), pass);
    if (!result) redirect("/sign-in?again=1");
    if (!result.ok) return refused(result.message, { fieldErrors: { [result.field]: result.message } });
    return { ok: true, message: "", newPasskey: result.options };
  },
});

/** Registers that passkey, and signs in. */
export const confirmFirstPasskey = strangerAction({
  shape: registrationShape,
  misread: misreadFactor,
  async run({ configuration, database, origin }, { name, registration }): Promise<FormOutcome> {
    const party = relyingPartyOf(configuration.publicUrl);
    if (!party) return refused(noPasskeys);
    const keys = { sessionSecrets: configuration.sessionSecrets, party };
    const made = { name, response: registration };
    const result = await confirmPasskeyAtSignIn(database, keys, await awaiting(origin), made);
    if (!result) redirect("/sign-in?again=1");
    const { confirmed, signedIn } = result;
    if (!confirmed.ok)
      return refused(confirmed.message, {
        fieldErrors: confirmed.field ? { [confirmed.field]: confirmed.message } : {},
      });
    if (!signedIn.ok) redirect("/sign-in?again=1");
    await openHere(database, signedIn);
    await setAwaitingCookie(null);
    return { ok: true, message: "" };
  },
});

/** The result of signing in with a passkey: what the browser must ask, where to go next, or a message. */
export interface PasskeySignInState {
  readonly ask?: PasskeyToAsk;
  readonly next?: string;
  readonly message?: string;
}

const unreadable: PasskeySignInState = { message: "This passkey could not be read. Try again." };
const impossible: PasskeySignInState = { message: noPasskeys };

/** Gives this browser a challenge for any passkey of Postern. */
export const beginPasskey = strangerAction({
  shape: z.object({}),
  misread: (): PasskeySignInState => unreadable,
  async run({ configuration, database, origin }): Promise<PasskeySignInState> {
    const party = relyingPartyOf(configuration.publicUrl);
    if (!party) return impossible;
    const begun = await beginPasskeySignIn(database, origin);
    if (!begun) return { message: busyMessage };
    await setPasskeyCookie(begun.browser);
    return { ask: { rpId: party.id, challenge: begun.challenge, credentials: [] } };
  },
});

/** Signs in with a passkey's answer. */
export const finishPasskey = strangerAction({
  shape: z.object({ passkey: jsonOf(passkeyAnswer), return: z.string().max(2_000).optional() }),
  misread: (): PasskeySignInState => unreadable,
  async run({ configuration, database, origin }, fields): Promise<PasskeySignInState> {
    const party = relyingPartyOf(configuration.publicUrl);
    if (!party) return impossible;
    const [browser, device] = [await passkeyCookie(), await deviceCookie()];
    const given = { browser, device, response: fields.passkey };
    const result = await signInWithPasskey(database, configuration.sessionSecrets, party, given, origin);
    if (!result.ok) return "message" in result ? { message: result.message } : unreadable;
    await openHere(database, result);
    return { next: safeReturnPath(fields.return) };
  },
});

/** Ends this session, if it has not ended, and opens the sign-in page, which offers to end the provider's session too. */
export const signOutAction = strangerButton(async ({ configuration, database }) => {
  const caller = await currentCaller();
  const issuer = caller ? await issuerOfSession(database, caller) : null;
  if (caller) await endSession(database, caller, caller.sessionId);
  await clearSessionCookie();
  const provider = configuration.identityProviders.find((each) => each.issuer === issuer);
  redirect(provider ? `/sign-in?out=${provider.id}` : "/sign-in");
});
