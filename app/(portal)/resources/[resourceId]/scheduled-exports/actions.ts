"use server";

import { z } from "zod";
import {
  exportContentNames,
  exportFrequencies,
  exportLimits,
} from "@/lib/domain/notifications/export-schedule";
import { createExportSchedule } from "@/lib/operations/notifications/create-export-schedule";
import {
  deleteExportSchedule,
  pauseExportSchedule,
  resumeExportSchedule,
  sendExportNow,
} from "@/lib/operations/notifications/hold-export-schedule";
import { updateExportSchedule } from "@/lib/operations/notifications/update-export-schedule";
import { formAction } from "@/lib/web/actions/form-action";
import { lookup } from "@/lib/web/actions/lookup";
import { chosenIds, expectedVersion, knownId, searchText } from "@/lib/web/form-fields";
import { principalsFor } from "../../principals-for";

const whole = z.coerce.number("Choose one of the options.").int();

const plan = z
  .object({
    contents: z.enum(exportContentNames),
    where: z.enum(["here", "below"]),
    frequency: z.enum(exportFrequencies),
    weekday: whole,
    dayOfMonth: whole,
    hour: whole,
    recipientIds: chosenIds("Choose at least one person.", exportLimits.recipients, "people"),
  })
  .transform(({ where, weekday, dayOfMonth, ...fields }) => ({
    plan: {
      ...fields,
      includeBelow: where === "below",
      day: { Daily: null, Weekly: weekday, Monthly: dayOfMonth }[fields.frequency],
    },
  }));

/** Schedules an export. */
export const scheduleExport = formAction({
  shape: z.object({ resourceId: knownId("resource") }).and(plan),
  run: ({ caller, database }, fields) => createExportSchedule(database, caller, fields),
  done: () => "The export is scheduled.",
});

const shown = z.object({ scheduleId: knownId("scheduled export"), expectedVersion });

/** Changes a scheduled export. */
export const changeSchedule = formAction({
  shape: shown.and(plan),
  run: ({ caller, database }, fields) => updateExportSchedule(database, caller, fields),
  done: ({ changed }) => (changed ? "The scheduled export is changed." : "Nothing was changed."),
});

/** Pauses a scheduled export. */
export const pauseSchedule = formAction({
  shape: shown,
  run: ({ caller, database }, fields) => pauseExportSchedule(database, caller, fields),
  done: () => "The scheduled export is paused.",
});

/** Resumes a scheduled export, for the caller. */
export const resumeSchedule = formAction({
  shape: shown,
  run: ({ caller, database }, fields) => resumeExportSchedule(database, caller, fields),
  done: () => "The scheduled export is resumed. It runs for you now.",
});

/** Deletes a scheduled export. */
export const dropSchedule = formAction({
  shape: shown,
  run: ({ caller, database }, fields) => deleteExportSchedule(database, caller, fields),
  done: () => "The scheduled export is deleted.",
});

/** Sends a scheduled export now. */
export const sendNow = formAction({
  shape: shown,
  run: ({ caller, database }, fields) => sendExportNow(database, caller, fields),
  done: () => "The export will be sent within a minute.",
});

/** People by name, as recipients. Empty for a caller who may not schedule exports of the resource. */
export const findRecipients = lookup({
  shapes: z.tuple([z.uuid(), searchText.pipe(z.string().min(1))]),
  none: [],
  async find(by, resourceId, search) {
    const found = await principalsFor(by, resourceId, search, (may) => may.writeRoleSettings);
    return found.filter(({ type }) => type === "User").map((each) => ({ ...each, disabled: false }));
  },
});
