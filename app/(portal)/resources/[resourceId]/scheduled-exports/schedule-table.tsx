import { ExportScheduleDialog } from "@/components/notifications/export-schedule-dialog";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { TableFrame } from "@/components/ui/lists/list-frame";
import { RowActions } from "@/components/ui/lists/row-actions";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { NextRun } from "@/components/ui/next-run";
import {
  exportContents,
  exportLimits,
  exportOutcomes,
  pauseReasons,
  timingInWords,
} from "@/lib/domain/notifications/export-schedule";
import { isolated } from "@/lib/domain/text/visible-text";
import { zoneInWords } from "@/lib/domain/time/zone-names";
import type { ScheduledExport } from "@/lib/queries/notifications/export-schedules";
import {
  changeSchedule,
  dropSchedule,
  findRecipients,
  pauseSchedule,
  resumeSchedule,
  sendNow,
} from "./actions";

/** The scheduled exports of a resource: the next sending, and the last one with its result for each recipient. */
export function ScheduleTable(props: {
  readonly resourceId: string;
  readonly schedules: readonly ScheduledExport[];
}) {
  return (
    <TableFrame
      label="Scheduled exports"
      head={["Export", "When", "Next", "Recipients and last sending", "Action"]}
      total={{
        count: props.schedules.length,
        most: exportLimits.atResource,
        one: "scheduled export",
        many: "scheduled exports",
      }}
      pages={{ first: null, previous: null, next: null }}
    >
      {props.schedules.map((schedule) => (
        <tr key={schedule.id}>
          <td className="font-medium">
            {exportContents[schedule.contents]}
            <p className="font-normal text-muted">
              {schedule.includeBelow ? "With everything below" : "This resource"}
            </p>
          </td>
          <td>
            {timingInWords(schedule)}
            <p className="text-muted">{zoneInWords(schedule.timeZone)}</p>
          </td>
          <td>
            <NextRun
              paused={schedule.pauseReason && pauseReasons[schedule.pauseReason]}
              pausedItself={schedule.pauseReason !== "ByHand"}
              soon={schedule.sendNow ? "Within a minute" : null}
              nextAt={schedule.nextAt}
              administrator={schedule.administrator}
            />
          </td>
          <td className="cell-wide">
            <Recipients schedule={schedule} />
          </td>
          <td>
            <ScheduleActions schedule={schedule} resourceId={props.resourceId} />
          </td>
        </tr>
      ))}
    </TableFrame>
  );
}

function Recipients({ schedule }: { schedule: ScheduledExport }) {
  return (
    <>
      {schedule.sentAt ? (
        <p className="text-muted">
          Last sending <Moment value={schedule.sentAt} />
        </p>
      ) : (
        <p className="text-muted">Not sent yet</p>
      )}
      <ul className="mt-1 grid gap-1">
        {schedule.recipients.map(({ person, outcome }) => (
          <li key={person.id} className="min-w-0 wrap-anywhere">
            <Name of={person.displayName} />
            {outcome ? <span className="text-muted"> · {exportOutcomes[outcome]}</span> : null}
          </li>
        ))}
      </ul>
    </>
  );
}

function ScheduleActions({ schedule, resourceId }: { schedule: ScheduledExport; resourceId: string }) {
  const words = `${exportContents[schedule.contents]}, ${timingInWords(schedule)}`;
  const fields = { scheduleId: schedule.id, expectedVersion: String(schedule.version) };
  const { contents, includeBelow, frequency, day, hour, id, version } = schedule;
  return (
    <RowActions about={isolated(words)}>
      {schedule.pausedAt ? null : (
        <ConfirmButton
          key="send"
          label="Send now"
          subject={words}
          title="Send this export now?"
          description="Each recipient is mailed what they may read now. This is possible once an hour."
          submit={sendNow}
          danger={false}
          fields={fields}
        />
      )}
      <ExportScheduleDialog
        key="edit"
        resourceId={resourceId}
        about={words}
        schedule={{
          ...{ id, version, contents, includeBelow, frequency, day, hour },
          recipients: schedule.recipients.map(({ person, disabled }) => ({ ...person, disabled })),
        }}
        zone={`In ${zoneInWords(schedule.timeZone)}`}
        submit={changeSchedule}
        search={findRecipients}
      />
      {schedule.pausedAt ? (
        <ConfirmButton
          key="resume"
          label="Resume"
          subject={words}
          title="Resume this export?"
          description="It runs for you from now on. What was missed is not sent."
          submit={resumeSchedule}
          danger={false}
          fields={fields}
        />
      ) : (
        <ConfirmButton
          key="pause"
          label="Pause"
          subject={words}
          title="Pause this export?"
          description="Nothing is sent until somebody resumes it."
          submit={pauseSchedule}
          danger={false}
          fields={fields}
        />
      )}
      <ConfirmButton
        key="delete"
        label="Delete"
        subject={words}
        title="Delete this scheduled export?"
        description="Nothing more is sent. The log keeps who was sent what."
        submit={dropSchedule}
        fields={fields}
      />
    </RowActions>
  );
}
