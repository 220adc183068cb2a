"use server";

import { z } from "zod";
import { importScheduleLimits, importSources } from "@/lib/domain/imports/import-schedule";
import {
  deleteImportSchedule,
  pauseImportSchedule,
  requestImportRun,
} from "@/lib/operations/imports/hold-import-schedule";
import {
  saveImportSchedule,
  saveImportScheduleOperation,
} from "@/lib/operations/imports/save-import-schedule";
import type { Configuration } from "@/lib/platform/configuration";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { formAction, provedAction } from "@/lib/web/actions/form-action";
import { checkBox, expectedVersion, knownId, optionalText } from "@/lib/web/form-fields";
import { configuredSources } from "./configured-sources";

const text = (most: number) => z.string().max(most, `Write at most ${most} characters.`);
const whole = z.coerce.number("Write a whole number.").int("Write a whole number.");

const shape = z
  .object({
    scheduleId: knownId("scheduled import")
      .optional()
      .transform((id) => id ?? null),
    expectedVersion,
    name: text(importScheduleLimits.nameCharacters),
    source: z.enum(importSources, "Choose where it reads from."),
    location: text(importScheduleLimits.locationCharacters),
    everyMinutes: whole,
    applies: checkBox,
    justification: optionalText,
    capToMaximum: checkBox,
    removeMembers: checkBox,
    removalPercent: whole,
    removals: whole,
  })
  .transform(({ scheduleId, expectedVersion: version, ...plan }) => ({
    ...{ scheduleId, expectedVersion: version, plan },
  }));

const configuredOf = (configuration: Configuration) => configuredSources(configuration.importSources);

export const prepareSchedule = challengeAction({ shape, operation: saveImportScheduleOperation });

/** Schedules an import, or changes or resumes one. From then on it runs for the caller. Always requires a code. */
export const saveSchedule = provedAction({
  shape,
  run: ({ caller, database, configuration, proofId }, fields) =>
    saveImportSchedule(database, caller, { ...fields, configured: configuredOf(configuration), proofId }),
  done: ({ changed }) =>
    changed ? "The import is scheduled. It runs within a minute." : "Nothing was changed.",
});

const shown = z.object({ scheduleId: knownId("scheduled import"), expectedVersion });

/** Pauses a scheduled import. */
export const pauseSchedule = formAction({
  shape: shown,
  run: ({ caller, database }, fields) => pauseImportSchedule(database, caller, fields),
  done: () => "The scheduled import is paused.",
});

/** Deletes a scheduled import. */
export const dropSchedule = formAction({
  shape: shown,
  run: ({ caller, database }, fields) => deleteImportSchedule(database, caller, fields),
  done: () => "The scheduled import is deleted.",
});

/** Runs a scheduled import now. */
export const runNow = formAction({
  shape: shown,
  run: ({ caller, database }, fields) => requestImportRun(database, caller, fields),
  done: () => "The import runs within a minute.",
});
