import { redirect } from "next/navigation";
import type { BeginResult } from "@/lib/identity/factors/authenticator";
import { endSession } from "@/lib/identity/sessions/sessions";
import type { confirmFactorAtSignIn } from "@/lib/identity/sign-in/second-factor";
import type { Database } from "@/lib/platform/database";
import { keyToShow } from "@/lib/web/factor-key";
import { type FormOutcome, refused } from "@/lib/web/form-outcome";
import { currentCaller, openWithoutDrawing } from "@/lib/web/request";

/** Ends the browser's previous session. */
export async function endFormer(database: Database) {
  const before = await currentCaller();
  if (before) await endSession(database, before, before.sessionId);
}

/** The key of a first authenticator app, for the form that shows it. Goes to `again` if the sign-in is over. */
export async function firstAppBegun(result: BeginResult | null, again: string): Promise<FormOutcome> {
  if (!result) redirect(again);
  if (!result.ok) return refused(result.message, { fieldErrors: { pass: result.message } });
  return { ok: true, message: "", key: await keyToShow(result) };
}

/** Signs in with the app that was confirmed. The recovery codes are shown once. */
export async function firstAppConfirmed(
  database: Database,
  result: Awaited<ReturnType<typeof confirmFactorAtSignIn>>,
  again: string,
): Promise<FormOutcome> {
  if (!result) redirect(again);
  const { confirmed, signedIn } = result;
  if (!confirmed.ok) return refused(confirmed.message, { fieldErrors: { newCode: confirmed.message } });
  if (!signedIn.ok) redirect(again);
  await endFormer(database);
  // The page must not be rendered again for a cookie, since it shows the recovery codes.
  await openWithoutDrawing(signedIn.token, signedIn.device);
  return { ok: true, message: confirmed.recoveryCodes?.join("\n") ?? "" };
}
