"use server";

import { z } from "zod";
import { updateSignInRules, updateSignInRulesOperation } from "@/lib/operations/people/update-sign-in-rules";
import { otherFactors } from "@/lib/platform/other-factors";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { provedAction } from "@/lib/web/actions/form-action";
import { checkBox, expectedVersion } from "@/lib/web/form-fields";

const whole = z.coerce.number("Enter a whole number.").int("Enter a whole number.");
const rules = {
  installationName: z.string().max(200, "Write at most 60 characters, without a colon."),
  sessionHours: whole,
  idleMinutes: whole,
  authenticatorAppsConfirm: checkBox,
  recoveryCodesConfirm: checkBox,
  minimumPasswordLength: whole,
  localPasswords: z.enum(["Everyone", "BreakGlassOnly"], "Choose who may sign in with a password."),
  firstFactor: z.enum(
    ["OneTimePass", "ProviderSecondFactor", "AnyoneSignedIn"],
    "Choose who may enrol a first factor.",
  ),
  factorWaitsHours: whole,
  resetDelayHours: whole,
  resetTakesTwo: checkBox,
  signInTakesTwo: checkBox,
};
const shape = z
  .object({ expectedVersion, ...rules })
  .transform(({ expectedVersion: version, ...chosen }) => ({ expectedVersion: version, rules: chosen }));

export const prepareSignInRules = challengeAction({ shape, operation: updateSignInRulesOperation });

/** Saves the organisation's rules for signing in and for factors. Always requires a code. */
export const saveSignInRules = provedAction({
  shape,
  run({ caller, configuration, database, proofId }, fields) {
    return updateSignInRules(database, caller, { ...fields, proofId, others: otherFactors(configuration) });
  },
  done: () => "The rules are saved.",
});
