import { advanceAccessReviews } from "@/lib/operations/advance-access-reviews";
import { recordExpiries } from "@/lib/operations/record-expiries";
import { scanAlerts } from "@/lib/operations/scan-alerts";
import { timeOutRequests } from "@/lib/operations/time-out-requests";
import type { PeriodicJob } from "@/lib/platform/jobs";

/** Everything that the worker looks after. Add a job here; `PeriodicJob` says what it must promise. */
export function periodicJobs(): readonly PeriodicJob[] {
  return [
    {
      name: "record-expiries",
      title: "Record what ended by time",
      everyMinutes: 1,
      run: recordExpiries,
    },
    {
      name: "access-reviews",
      title: "Start, end and apply access reviews",
      everyMinutes: 1,
      run: async (database) => {
        const { started, ended, applied } = await advanceAccessReviews(database);
        return started + ended + applied;
      },
    },
    {
      name: "scan-alerts",
      title: "Scan for alerts",
      everyMinutes: 5,
      run: async (database) => {
        const { raised, resolved } = await scanAlerts(database);
        return raised + resolved;
      },
    },
    {
      name: "time-out-requests",
      title: "Time out and escalate requests",
      everyMinutes: 1,
      run: timeOutRequests,
    },
  ];
}
