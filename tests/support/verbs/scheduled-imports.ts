import type { ImportSchedulePlan } from "@/lib/domain/gate/import-schedule-plan";
import {
  deleteImportSchedule,
  pauseImportSchedule,
  requestImportRun,
} from "@/lib/operations/imports/hold-import-schedule";
import {
  saveImportSchedule,
  saveImportScheduleOperation,
} from "@/lib/operations/imports/save-import-schedule";
import { type Ground, given, type Verb, verb } from "./verb";

export const importPlan: ImportSchedulePlan = {
  ...{ name: "Azure", source: "Folder", location: "azure", everyMinutes: 60 },
  ...{ applies: false, justification: null, capToMaximum: false, removeMembers: false },
  ...{ removalPercent: 5, removals: 50 },
};
const configured = { folder: true, hosts: [] };

async function scheduled({ at, root }: Ground) {
  // Their number is limited.
  await at.database.client.importSchedule.deleteMany();
  const input = { scheduleId: null, expectedVersion: 0, plan: importPlan, configured };
  const proofId = await at.prove(saveImportScheduleOperation(input), root);
  const made = await saveImportSchedule(at.database, root, { ...input, proofId });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return { scheduleId: made.scheduleId, expectedVersion: 1 };
}

/** Verbs on imports that run by themselves. */
export const verbsOfScheduledImports: Readonly<Record<string, Verb>> = {
  "scheduling an import": verb(
    "save-import-schedule",
    async ({ at, root }) => {
      await at.database.client.importSchedule.deleteMany();
      return given({
        caller: root,
        input: { plan: importPlan },
        operation: ({ plan }) => saveImportScheduleOperation({ scheduleId: null, expectedVersion: 0, plan }),
        run: (caller, { plan }, proofId) =>
          saveImportSchedule(at.database, caller, {
            ...{ scheduleId: null, expectedVersion: 0, plan, configured, proofId },
          }),
      });
    },
    ["name", "location"],
  ),
  "changing a scheduled import": verb(
    "save-import-schedule",
    async (ground) => {
      const shown = await scheduled(ground);
      return given({
        caller: ground.root,
        input: { ...shown, plan: { ...importPlan, location: "azure/nightly" } },
        operation: saveImportScheduleOperation,
        run: (caller, input, proofId) =>
          saveImportSchedule(ground.at.database, caller, { ...input, configured, proofId }),
      });
    },
    ["name", "location"],
  ),
  "pausing a scheduled import": verb("hold-import-schedule", async (ground) =>
    given({
      caller: ground.root,
      input: await scheduled(ground),
      run: (caller, input) => pauseImportSchedule(ground.at.database, caller, input),
    }),
  ),
  "deleting a scheduled import": verb("hold-import-schedule", async (ground) =>
    given({
      caller: ground.root,
      input: await scheduled(ground),
      run: (caller, input) => deleteImportSchedule(ground.at.database, caller, input),
    }),
  ),
  "asking a scheduled import to run": verb("hold-import-schedule", async (ground) =>
    given({
      caller: ground.root,
      input: await scheduled(ground),
      run: (caller, input) => requestImportRun(ground.at.database, caller, input),
    }),
  ),
};
