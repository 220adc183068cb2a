import { addMinutes } from "@/lib/domain/time/schedule";
import { createExportSchedule } from "@/lib/operations/notifications/create-export-schedule";
import type { Demo } from "./demo";

/** The auditor's monthly file of the platform's role settings, scheduled by the Owner an hour before the demo begins. */
export async function seedExports(demo: Demo, end: Date): Promise<void> {
  demo.clock.now = addMinutes(end, -60);
  const owner = await demo.callerOf(demo.key("owner"));
  demo.must(
    await createExportSchedule(demo.database, owner, {
      resourceId: demo.resource("Platform"),
      plan: {
        contents: "RoleSettings",
        includeBelow: true,
        frequency: "Monthly",
        day: 1,
        hour: 7,
        recipientIds: [demo.key("auditor").id],
      },
    }),
  );
}
