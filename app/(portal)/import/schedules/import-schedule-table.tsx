import { ImportScheduleDialog } from "@/components/imports/import-schedule-dialog";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { TableFrame } from "@/components/ui/lists/list-frame";
import { RowActions } from "@/components/ui/lists/row-actions";
import { Moment } from "@/components/ui/moment";
import { Name, Sentence } from "@/components/ui/name";
import { NextRun } from "@/components/ui/next-run";
import {
  type ConfiguredSources,
  importPauseReasons,
  importPlanInWords,
  importRunOutcomes,
  importScheduleLimits,
} from "@/lib/domain/imports/import-schedule";
import { isolated } from "@/lib/domain/text/visible-text";
import type { ScheduledImport } from "@/lib/queries/imports/import-schedules";
import { dropSchedule, pauseSchedule, prepareSchedule, runNow, saveSchedule } from "./actions";

interface Around {
  readonly configured: ConfiguredSources;
  readonly hasFactor: boolean;
}

/** The scheduled imports: what each reads and does, when it runs next, and the result of its last run. */
export function ImportScheduleTable({
  schedules,
  ...around
}: Around & { readonly schedules: readonly ScheduledImport[] }) {
  return (
    <TableFrame
      label="Scheduled imports"
      head={["Import", "Runs", "Next run", "Last run", "Action"]}
      total={{
        count: schedules.length,
        most: importScheduleLimits.schedules,
        one: "scheduled import",
        many: "scheduled imports",
      }}
      pages={{ first: null, previous: null, next: null }}
    >
      {schedules.map((schedule) => {
        const words = importPlanInWords(schedule);
        return (
          <tr key={schedule.id}>
            <td className="cell-wide font-medium">
              <Name of={schedule.name} />
              <p className="font-normal text-muted wrap-anywhere">{words.Source}</p>
            </td>
            <td>
              {words.Runs}
              <p className="text-muted">{words["By itself"]}</p>
            </td>
            <td>
              <NextRun
                paused={schedule.pauseReason && importPauseReasons[schedule.pauseReason]}
                pausedItself={schedule.pauseReason !== "ByHand"}
                soon={schedule.running ? "Running now" : schedule.runNow ? "Within a minute" : null}
                nextAt={schedule.nextAt}
                administrator={schedule.administrator}
              />
            </td>
            <td className="cell-wide">
              <LastRun schedule={schedule} />
            </td>
            <td>
              <ScheduleActions schedule={schedule} {...around} />
            </td>
          </tr>
        );
      })}
    </TableFrame>
  );
}

function LastRun({ schedule }: { schedule: ScheduledImport }) {
  if (!schedule.runAt || !schedule.outcome) return <span className="text-muted">Not run yet</span>;
  const bad = schedule.outcome === "Failed" || schedule.outcome === "OverLimit";
  return (
    <>
      <Moment value={schedule.runAt} />
      <p className={bad ? "text-danger" : "text-muted"}>{importRunOutcomes[schedule.outcome]}</p>
      {schedule.message ? (
        <p className="text-muted wrap-anywhere">
          <Sentence of={schedule.message} />
        </p>
      ) : null}
      {schedule.importId ? <a href={`/import/${schedule.importId}`}>Last preview</a> : null}
    </>
  );
}

function ScheduleActions({ schedule, ...around }: Around & { schedule: ScheduledImport }) {
  const about = isolated(schedule.name);
  const fields = { scheduleId: schedule.id, expectedVersion: String(schedule.version) };
  return (
    <RowActions about={about}>
      {schedule.pausedAt ? null : (
        <ConfirmButton
          key="run"
          label="Run now"
          subject={about}
          title="Run this import now?"
          description={`It runs for ${isolated(schedule.administrator.displayName)}, as it does on schedule. You can do this every ${importScheduleLimits.minutesBetweenRequests} minutes.`}
          submit={runNow}
          danger={false}
          fields={fields}
        />
      )}
      <ImportScheduleDialog
        key="edit"
        schedule={schedule}
        {...around}
        submit={saveSchedule}
        prepare={prepareSchedule}
      />
      {schedule.pausedAt ? null : (
        <ConfirmButton
          key="pause"
          label="Pause"
          subject={about}
          title="Pause this import?"
          description="Nothing is read until somebody resumes it. An import that is being applied continues."
          submit={pauseSchedule}
          danger={false}
          fields={fields}
        />
      )}
      <ConfirmButton
        key="delete"
        label="Delete"
        subject={about}
        title="Delete this scheduled import?"
        description="Nothing more is read. Its previews and what it changed stay."
        submit={dropSchedule}
        fields={fields}
      />
    </RowActions>
  );
}
