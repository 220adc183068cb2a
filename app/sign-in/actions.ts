"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { endSession } from "@/lib/identity/sessions";
import { signIn } from "@/lib/identity/sign-in";
import { application } from "@/lib/platform/application";
import { fieldsOf, withoutNul } from "@/lib/web/form-fields";
import {
  clearSessionCookie,
  currentCaller,
  deviceCookie,
  requestOrigin,
  setDeviceCookie,
  setSessionCookie,
} from "@/lib/web/request";
import { safeReturnPath } from "@/lib/web/return-path";

export interface SignInState {
  readonly message: string | null;
  readonly email: string;
}

const shape = z.object({
  email: z.string().max(320).transform(withoutNul),
  password: z.string().max(1_000),
  return: z.string().max(2_000).optional(),
});

/** Signs in and goes on to the page that was asked for. */
export async function signInAction(_before: SignInState, form: FormData): Promise<SignInState> {
  const parsed = shape.safeParse(fieldsOf(form));
  if (!parsed.success) return { message: "Enter your email and password.", email: "" };
  const { configuration, database } = application();
  const result = await signIn(
    database,
    configuration.sessionSecret,
    parsed.data,
    await requestOrigin(),
    await deviceCookie(),
  );
  if (!result.ok && result.reason === "ChoosePassword") {
    redirect(`/choose-password?token=${encodeURIComponent(result.ticket)}`);
  }
  if (!result.ok) return { message: result.message, email: parsed.data.email };
  const before = await currentCaller();
  if (before) await endSession(database, before, before.sessionId);
  await setSessionCookie(result.token);
  await setDeviceCookie(result.device);
  redirect(safeReturnPath(parsed.data.return));
}

/** Ends this session and goes to the sign-in page. */
export async function signOutAction(): Promise<void> {
  const caller = await currentCaller();
  if (caller) await endSession(application().database, caller, caller.sessionId);
  await clearSessionCookie();
  redirect("/sign-in");
}
