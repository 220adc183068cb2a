"use server";

import { z } from "zod";
import { alertDescriptions, alertKinds, mostAlerts } from "@/lib/domain/alerts/alerts";
import { errorMessage, type OperationResult } from "@/lib/domain/gate/operation-error";
import { askForScan } from "@/lib/operations/alerts/ask-for-scan";
import { changeAlertState } from "@/lib/operations/alerts/change-alert-state";
import { fixAlert } from "@/lib/operations/alerts/fix-alert";
import {
  updateAlertSettings,
  updateAlertSettingsOperation,
} from "@/lib/operations/alerts/update-alert-settings";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { formAction, provedAction } from "@/lib/web/actions/form-action";
import { chosenIds, knownId } from "@/lib/web/form-fields";
import type { FormOutcome } from "@/lib/web/form-outcome";
import { writeAtMost } from "@/lib/web/form-sentences";
import { outcomeOf } from "@/lib/web/refusal-outcome";

const alerts = z.object({ alertIds: chosenIds("Select an alert.", mostAlerts, "alerts") });

const alertsInWords = (count: number, done: string) =>
  count === 1 ? `The alert is ${done}.` : `${count} alerts are ${done}.`;

/** Does the same to each alert, in an operation of its own, and reports the result of each. */
async function each<Done extends object>(
  { alertIds }: { readonly alertIds: readonly string[] },
  one: (alertId: string) => Promise<OperationResult<Done>>,
): Promise<{ readonly result: OperationResult<Done>; readonly done: number; readonly of: number }> {
  const results: OperationResult<Done>[] = [];
  for (const alertId of alertIds) results.push(await one(alertId));
  const done = results.filter(({ ok }) => ok);
  const result = results.find(({ ok }) => !ok) ?? results[0];
  if (!result) throw new Error("no alert was chosen");
  return { result, done: done.length, of: results.length };
}

/** The answer to a form: the refusal if nothing was done, otherwise how many were refused. */
function answered<Done extends object>(
  {
    result,
    done,
    of,
  }: { readonly result: OperationResult<Done>; readonly done: number; readonly of: number },
  words: string,
): FormOutcome {
  if (result.ok) return { ok: true, message: words };
  if (done === 0) return outcomeOf(result.error, null);
  return { ok: true, message: `${words} ${of - done} could not be changed: ${errorMessage(result.error)}` };
}

/** Dismisses alerts with a reason. */
export const dismiss = formAction({
  shape: alerts.extend({
    reason: z.string().trim().min(1, "Say why this is no concern.").max(2_000, writeAtMost(2_000)),
  }),
  run: ({ caller, database }, fields) =>
    each(fields, (alertId) =>
      changeAlertState(database, caller, { alertId, reason: fields.reason, verdict: "Dismiss" }),
    ),
  answer: (made) => answered(made, alertsInWords(made.done, "dismissed")),
});

/** Reopens dismissed alerts. */
export const reopen = formAction({
  shape: alerts,
  run: ({ caller, database }, fields) =>
    each(fields, (alertId) => changeAlertState(database, caller, { alertId, verdict: "Reopen" })),
  answer: (made) => answered(made, alertsInWords(made.done, "open again")),
});

/** Runs the fix of alerts of one kind. */
export const fix = formAction({
  shape: alerts,
  run: ({ caller, database }, fields) => each(fields, (alertId) => fixAlert(database, caller, { alertId })),
  answer: (made) =>
    answered(
      made,
      made.result.ok && made.of === 1
        ? `Done: ${made.result.done}.`
        : `Done for ${made.done} ${made.done === 1 ? "alert" : "alerts"}.`,
    ),
});

/** Asks for a scan. The page shows its result once it has finished. */
export const scanNow = formAction({
  shape: z.object({ resourceId: knownId("resource") }),
  run: ({ caller, database }, fields) => askForScan(database, caller, fields),
  done: () => "The scan has begun.",
});

/** The settings from which the form was made. Anything else counts as stale. */
const shownSetting = z
  .string()
  .regex(/^(on|off) \d{1,4} \d{1,3}$/)
  .catch("off 0 0")
  .transform((text) => {
    const [state, threshold, percent] = text.split(" ");
    return { enabled: state === "on", threshold: Number(threshold), percent: Number(percent) };
  });

/** The settings of each kind of alert, from fields named after the kinds. */
const choices = z.record(z.string(), z.unknown()).transform((fields, context) =>
  alertKinds.map((kind) => {
    const { threshold } = alertDescriptions[kind];
    const enabled = fields[`${kind}Enabled`] === "on";
    const shown = shownSetting.parse(fields[`${kind}Shown`]);
    if (!threshold) return { ...shown, kind, enabled, shown };
    const whole = (name: string, least: number, most: number) => {
      const given = z.coerce.number().int().min(least).max(most).safeParse(fields[name]);
      const message = `Enter a whole number from ${least} to ${most}.`;
      if (!given.success) context.addIssue({ code: "custom", path: [name], message });
      return given.data ?? least;
    };
    const least = whole(`${kind}Threshold`, 1, threshold.maximum);
    const percent = threshold.share ? whole(`${kind}Percent`, 0, 100) : shown.percent;
    return { kind, enabled, threshold: least, percent, shown };
  }),
);

const alertSettings = z
  .object({ resourceId: knownId("resource") })
  .and(choices.transform((each) => ({ choices: each })));

/** The challenge that describes which alerts would be raised less often. */
export const prepareAlertSettings = challengeAction({
  shape: alertSettings,
  operation: updateAlertSettingsOperation,
});

/** Saves what raises an alert at a resource and below it. Raising fewer requires a code. */
export const saveAlertSettings = provedAction({
  shape: alertSettings,
  run: ({ caller, database, proofId }, fields) =>
    updateAlertSettings(database, caller, { ...fields, proofId }),
  done: ({ changed }) =>
    changed === 0 ? "Nothing was changed." : "The alert settings are saved. The next scan judges by them.",
});
