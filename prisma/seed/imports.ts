import { addMinutes } from "@/lib/domain/time/schedule";
import { pauseImportSchedule } from "@/lib/operations/imports/hold-import-schedule";
import {
  saveImportSchedule,
  saveImportScheduleOperation,
} from "@/lib/operations/imports/save-import-schedule";
import type { Demo } from "./demo";

/**
 * The staff's groups, scheduled by the Owner an hour before the demo begins and paused again: the demo has no folder that
 * it could read.
 */
export async function seedImports(demo: Demo, end: Date): Promise<void> {
  const { clock, database, must } = demo;
  clock.now = addMinutes(end, -58);
  const person = demo.key("owner");
  const owner = await demo.callerOf(person);
  const input = {
    ...{ scheduleId: null, expectedVersion: 0, configured: { folder: true, hosts: [] } },
    plan: {
      ...{
        name: "Staff and groups",
        source: "Folder" as const,
        location: "staff",
        everyMinutes: 1440 as const,
      },
      ...{ applies: false, justification: null, capToMaximum: false, removeMembers: true },
      ...{ removalPercent: 5, removals: 50 },
    },
  };
  const proofId = await demo.prove(person, owner, saveImportScheduleOperation(input));
  const saved = await saveImportSchedule(database, owner, { ...input, proofId });
  if (!saved.ok) return must(saved);
  clock.now = addMinutes(clock.now, 1);
  must(await pauseImportSchedule(database, owner, { scheduleId: saved.scheduleId, expectedVersion: 1 }));
}
