"use server";

import { z } from "zod";
import { alertDescriptions, alertKinds } from "@/lib/domain/alerts/alerts";
import { changeAlertState } from "@/lib/operations/alerts/change-alert-state";
import { fixAlert } from "@/lib/operations/alerts/fix-alert";
import { updateAlertSettings } from "@/lib/operations/alerts/update-alert-settings";
import { formAction } from "@/lib/web/actions/form-action";
import { knownId } from "@/lib/web/form-fields";
import { writeAtMost } from "@/lib/web/form-sentences";

const alert = z.object({ alertId: knownId("alert") });

/** Dismisses an alert with a reason. */
export const dismiss = formAction({
  shape: alert.extend({
    reason: z.string().trim().min(1, "Say why this is no concern.").max(2_000, writeAtMost(2_000)),
  }),
  run: ({ caller, database }, fields) =>
    changeAlertState(database, caller, { ...fields, verdict: "Dismiss" }),
  done: () => "The alert is dismissed.",
});

/** Opens a dismissed alert again. */
export const reopen = formAction({
  shape: alert,
  run: ({ caller, database }, fields) => changeAlertState(database, caller, { ...fields, verdict: "Reopen" }),
  done: () => "The alert is open again.",
});

/** Runs the fix of an alert. */
export const fix = formAction({
  shape: alert,
  run: ({ caller, database }, fields) => fixAlert(database, caller, fields),
  done: ({ done }) => `Done: ${done}.`,
});

/** The settings that the form was made from. Anything else counts as stale. */
const shownSetting = z
  .string()
  .regex(/^(on|off) \d{1,4}$/)
  .catch("off 0")
  .transform((text) => ({ enabled: text.startsWith("on "), threshold: Number(text.split(" ")[1]) }));

/** The settings of each kind of alert, from fields named after the kinds. */
const choices = z.record(z.string(), z.unknown()).transform((fields, context) =>
  alertKinds.map((kind) => {
    const { threshold } = alertDescriptions[kind];
    const enabled = fields[`${kind}Enabled`] === "on";
    const shown = shownSetting.parse(fields[`${kind}Shown`]);
    if (!threshold) return { kind, enabled, threshold: shown.threshold, shown };
    const name = `${kind}Threshold`;
    const given = z.coerce.number().int().min(1).max(threshold.maximum).safeParse(fields[name]);
    if (!given.success)
      context.addIssue({
        code: "custom",
        path: [name],
        message: `Enter a whole number from 1 to ${threshold.maximum}.`,
      });
    return { kind, enabled, threshold: given.data ?? threshold.initial, shown };
  }),
);

/** Saves what raises an alert at a resource and below it. */
export const saveAlertSettings = formAction({
  shape: z
    .object({
      resourceId: knownId("resource"),
      timeZone: z.string().max(100).nullable().default(null).catch(""),
    })
    .and(choices.transform((each) => ({ choices: each }))),
  run: ({ caller, database }, fields) => updateAlertSettings(database, caller, fields),
  done: ({ changed }) =>
    changed === 0 ? "Nothing was changed." : "The alert settings are saved. The next scan judges by them.",
});
