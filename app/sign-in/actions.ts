"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { relyingPartyOf } from "@/lib/domain/people/relying-party";
import { endSession } from "@/lib/identity/sessions/sessions";
import { busyMessage } from "@/lib/identity/sessions/sign-in-turns";
import { beginPasskeySignIn, signInWithPasskey } from "@/lib/identity/sign-in/passkey-sign-in";
import { signIn } from "@/lib/identity/sign-in/sign-in";
import { strangerAction, strangerButton } from "@/lib/web/actions/stranger-action";
import { jsonOf, passkeyAnswer, withoutNul } from "@/lib/web/form-fields";
import type { PasskeyToAsk } from "@/lib/web/form-outcome";
import {
  clearSessionCookie,
  currentCaller,
  deviceCookie,
  passkeyCookie,
  setDeviceCookie,
  setPasskeyCookie,
  setSessionCookie,
} from "@/lib/web/request";
import { safeReturnPath } from "@/lib/web/return-path";

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
    const result = await signIn(database, configuration.sessionSecret, fields, origin, await deviceCookie());
    if (!result.ok && result.reason === "ChoosePassword") {
      redirect(`/choose-password?token=${encodeURIComponent(result.ticket)}`);
    }
    if (!result.ok) return { message: result.message, email: fields.email };
    const before = await currentCaller();
    if (before) await endSession(database, before, before.sessionId);
    await setSessionCookie(result.token);
    await setDeviceCookie(result.device);
    redirect(safeReturnPath(fields.return));
  },
});

/** What signing in with a passkey has come to: what the browser is to ask, where to go next, or a message. */
export interface PasskeySignInState {
  readonly ask?: PasskeyToAsk;
  readonly next?: string;
  readonly message?: string;
}

const unreadable: PasskeySignInState = { message: "This passkey could not be read. Try again." };
const impossible: PasskeySignInState = { message: "Passkeys need Postern to be served by https, at a name." };

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

/** Signs in with what a passkey answered. */
export const finishPasskey = strangerAction({
  shape: z.object({ passkey: jsonOf(passkeyAnswer), return: z.string().max(2_000).optional() }),
  misread: (): PasskeySignInState => unreadable,
  async run({ configuration, database, origin }, fields): Promise<PasskeySignInState> {
    const party = relyingPartyOf(configuration.publicUrl);
    if (!party) return impossible;
    const [browser, device] = [await passkeyCookie(), await deviceCookie()];
    const given = { browser, device, response: fields.passkey };
    const result = await signInWithPasskey(database, configuration.sessionSecret, party, given, origin);
    if (!result.ok) return result.reason === "ChoosePassword" ? unreadable : { message: result.message };
    const before = await currentCaller();
    if (before) await endSession(database, before, before.sessionId);
    await setSessionCookie(result.token);
    await setDeviceCookie(result.device);
    return { next: safeReturnPath(fields.return) };
  },
});

/** Ends this session, if it has not ended, and opens the sign-in page. */
export const signOutAction = strangerButton(async ({ database }) => {
  const caller = await currentCaller();
  if (caller) await endSession(database, caller, caller.sessionId);
  await clearSessionCookie();
  redirect("/sign-in");
});
