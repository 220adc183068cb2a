"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { organisationName } from "@/lib/domain/notifications/organisation";
import type { Origin } from "@/lib/identity/sessions/sessions";
import { beginFactorAtSignIn, confirmFactorAtSignIn } from "@/lib/identity/sign-in/second-factor";
import { nameOrganisation, resumeSetUp, setUpFirstOwner } from "@/lib/identity/sign-in/set-up";
import { strangerAction } from "@/lib/web/actions/stranger-action";
import { typedCode, typedPassword } from "@/lib/web/form-fields";
import { type FormOutcome, refused } from "@/lib/web/form-outcome";
import { sentences } from "@/lib/web/form-sentences";
import { awaitingToken, deviceCookie, setAwaitingCookie } from "@/lib/web/request";
import { firstAppBegun, firstAppConfirmed } from "../sign-in/first-app";

/** The answer to a step of the set-up, with the typed fields to show again. Never the password. */
export interface SetUpState {
  readonly message: string | null;
  readonly fieldErrors: Readonly<Record<string, string>>;
  readonly typed: Readonly<Record<string, string>>;
}

const shownAgain = ["organisation", "timeZone", "displayName", "email"];

function stateOf(
  fields: Readonly<Record<string, unknown>>,
  message: string | null,
  fieldErrors: Readonly<Record<string, string>> = {},
): SetUpState {
  const typed = shownAgain.map((name) => [name, String(fields[name] ?? "").slice(0, 2_000)]);
  return { message, fieldErrors, typed: Object.fromEntries(typed) };
}

const misread = (fieldErrors: Readonly<Record<string, string>>, fields: Readonly<Record<string, unknown>>) =>
  stateOf(fields, sentences.checkFields, fieldErrors);

/** What is shown beside a field is not repeated. */
const refusedStep = (
  fields: Readonly<Record<string, unknown>>,
  message: string,
  fieldErrors: Readonly<Record<string, string>>,
) => stateOf(fields, Object.keys(fieldErrors).length > 0 ? sentences.checkFields : message, fieldErrors);

const token = z.string().min(1).max(200);
/** Judged together with the password, so that all faults are reported at once. */
const typedText = z.string().max(10_000, "Enter a shorter text.");
const pageOf = (address: string) => `/set-up?token=${encodeURIComponent(address)}`;

/** Step 1: the organisation's name and time zone. */
export const nameTheOrganisation = strangerAction({
  shape: z.object({ token, organisation: organisationName, timeZone: z.string().max(100) }),
  misread,
  async run({ database, origin }, fields): Promise<SetUpState> {
    const input = { token: fields.token, displayName: fields.organisation, timeZone: fields.timeZone };
    const result = await nameOrganisation(database, input, origin);
    if (result.ok) redirect(pageOf(fields.token));
    const { displayName, ...others } = result.fieldErrors;
    return refusedStep(fields, result.message, {
      ...others,
      ...(displayName === undefined ? {} : { organisation: displayName }),
    });
  },
});

/** Step 2: the first Owner, and the password. */
export const setUp = strangerAction({
  shape: z.object({
    token,
    displayName: typedText,
    email: typedText,
    password: typedPassword,
  }),
  misread,
  async run({ database, origin }, fields): Promise<SetUpState> {
    const result = await setUpFirstOwner(database, fields, origin);
    if (!result.ok) return refusedStep(fields, result.message, result.fieldErrors);
    await setAwaitingCookie(result.awaiting);
    redirect(pageOf(fields.token));
  },
});

/** The password again, for somebody who returns before step 3 is done. */
export const resumeTheSetUp = strangerAction({
  shape: z.object({ token, password: typedPassword }),
  misread,
  async run({ configuration, database, origin }, fields): Promise<SetUpState> {
    const result = await resumeSetUp(database, configuration.sessionSecrets, fields, origin);
    if (result.ok || result.reason === "ChoosePassword") redirect("/sign-in");
    if (result.reason !== "SecondFactor") return stateOf(fields, result.message);
    await setAwaitingCookie(result.awaiting);
    redirect(pageOf(fields.token));
  },
});

/** The browser that typed the Owner's password. Sends everybody else back to where it is requested. */
async function owner(origin: Origin, address: string) {
  const awaiting = await awaitingToken();
  if (!awaiting) redirect(pageOf(address));
  return { token: awaiting, origin, device: await deviceCookie() };
}

const misreadFactor = (fieldErrors: Readonly<Record<string, string>>): FormOutcome =>
  refused(sentences.checkFields, { fieldErrors });

/** Step 3: makes the key of the Owner's authenticator app. The set-up address is the pass. */
export const beginOwnersApp = strangerAction({
  shape: z.object({ token }),
  misread: misreadFactor,
  async run({ configuration, database, origin }, fields): Promise<FormOutcome> {
    const by = await owner(origin, fields.token);
    const begun = await beginFactorAtSignIn(database, configuration, by, fields.token);
    return firstAppBegun(begun, pageOf(fields.token));
  },
});

/** Confirms that app, and signs the Owner in. */
export const confirmOwnersApp = strangerAction({
  shape: z.object({ token, newCode: typedCode }),
  misread: misreadFactor,
  async run({ configuration, database, origin }, fields): Promise<FormOutcome> {
    const by = await owner(origin, fields.token);
    const result = await confirmFactorAtSignIn(database, configuration, by, fields.newCode ?? "");
    return firstAppConfirmed(database, result, pageOf(fields.token));
  },
});
