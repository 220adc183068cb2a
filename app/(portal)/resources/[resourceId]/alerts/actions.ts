"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { alertDescriptions, alertKinds } from "@/lib/domain/alerts/alerts";
import { changeAlertState } from "@/lib/operations/alerts/change-alert-state";
import { fixAlert } from "@/lib/operations/alerts/fix-alert";
import { updateAlertSettings } from "@/lib/operations/alerts/update-alert-settings";
import { application } from "@/lib/platform/application";
import { fieldErrorsOf, fieldsOf } from "@/lib/web/form-fields";
import { type FormOutcome, outcomeOf, refused, signedOutOutcome } from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";

const one = z.object({ alertId: z.uuid() });
const dismissal = one.extend({
  reason: z
    .string()
    .trim()
    .min(1, "Say why this is no concern.")
    .max(2_000, "Write at most 2000 characters."),
});

/** Dismisses an alert with a reason. */
export async function dismiss(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = dismissal.safeParse(fieldsOf(form));
  if (!parsed.success)
    return refused("Check the fields marked above.", { fieldErrors: fieldErrorsOf(parsed.error) });
  const result = await changeAlertState(application().database, caller, {
    ...parsed.data,
    verdict: "Dismiss",
  });
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return { ok: true, message: "The alert is dismissed." };
}

/** Opens a dismissed alert again. */
export async function reopen(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = one.safeParse(fieldsOf(form));
  if (!parsed.success) return refused("This alert is not known.");
  const result = await changeAlertState(application().database, caller, {
    ...parsed.data,
    verdict: "Reopen",
  });
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return { ok: true, message: "The alert is open again." };
}

/** Does what an alert's one button promises. */
export async function fix(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = one.safeParse(fieldsOf(form));
  if (!parsed.success) return refused("This alert is not known.");
  const result = await fixAlert(application().database, caller, parsed.data);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return { ok: true, message: `Done: ${result.done}.` };
}

/** What the form was made with; what is none never held, and so is stale. */
const shownSetting = z
  .string()
  .regex(/^(on|off) \d{1,4}$/)
  .catch("off 0")
  .transform((text) => ({ enabled: text.startsWith("on "), threshold: Number(text.split(" ")[1]) }));

/** Saves what raises an alert at a resource and below it. */
export async function saveAlertSettings(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const fields = fieldsOf(form);
  const resourceId = z.uuid().safeParse(fields.resourceId);
  if (!resourceId.success) return refused("This resource is not known.");
  const fieldErrors: Record<string, string> = {};
  const timeZone = z
    .string()
    .max(100)
    .nullable()
    .catch("")
    .parse(fields.timeZone ?? null);
  const choices = alertKinds.map((kind) => {
    const { threshold } = alertDescriptions[kind];
    const enabled = fields[`${kind}Enabled`] === "on";
    const shown = shownSetting.parse(fields[`${kind}Shown`]);
    if (!threshold) return { kind, enabled, threshold: shown.threshold, shown };
    const parsed = z.coerce
      .number()
      .int()
      .min(1)
      .max(threshold.maximum)
      .safeParse(fields[`${kind}Threshold`]);
    if (!parsed.success)
      fieldErrors[`${kind}Threshold`] = `Enter a whole number from 1 to ${threshold.maximum}.`;
    return { kind, enabled, threshold: parsed.data ?? threshold.initial, shown };
  });
  if (Object.keys(fieldErrors).length > 0) return refused("Check the fields marked above.", { fieldErrors });
  const result = await updateAlertSettings(application().database, caller, {
    resourceId: resourceId.data,
    choices,
    timeZone,
  });
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return {
    ok: true,
    message:
      result.changed === 0
        ? "Nothing was changed."
        : "The alert settings are saved. The next scan judges by them.",
  };
}
