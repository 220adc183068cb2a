"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { endSession } from "@/lib/identity/sessions";
import { signIn } from "@/lib/identity/sign-in";
import { strangerAction, strangerButton } from "@/lib/web/actions/stranger-action";
import { withoutNul } from "@/lib/web/form-fields";
import {
  clearSessionCookie,
  currentCaller,
  deviceCookie,
  setDeviceCookie,
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

/** Ends this session, if it has not ended, and opens the sign-in page. */
export const signOutAction = strangerButton(async ({ database }) => {
  const caller = await currentCaller();
  if (caller) await endSession(database, caller, caller.sessionId);
  await clearSessionCookie();
  redirect("/sign-in");
});
