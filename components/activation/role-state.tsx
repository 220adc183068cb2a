import { Countdown } from "@/components/ui/countdown";
import { Icon } from "@/components/ui/icon";
import { Moment } from "@/components/ui/moment";
import type { Taken } from "@/lib/queries/activation/activation-terms";

/** What somebody already has of an eligible role: active with the time left, scheduled, or waiting. */
export function RoleState({ taken, now }: { taken: Taken | null; now: Date }) {
  switch (taken?.state) {
    case "Active":
      return (
        <span className="inline-flex items-center gap-2">
          <span className="badge badge-accent">✓ Active</span>
          {taken.endsAt ? (
            <Countdown endsAt={taken.endsAt.toISOString()} now={now.toISOString()} />
          ) : (
            <span className="text-muted">Permanent</span>
          )}
        </span>
      );
    case "Scheduled":
      return (
        <span className="inline-flex flex-wrap items-center gap-x-2">
          <span className="badge">
            <Icon name="calendar-clock" size={13} />
            Scheduled
          </span>
          <span className="whitespace-nowrap text-muted">
            from <Moment value={taken.startsAt} />
          </span>
        </span>
      );
    case "Waiting":
      return (
        <span className="badge badge-warning">
          <Icon name={taken.status === "PendingApproval" ? "hourglass" : "key-round"} size={13} />
          {taken.status === "PendingApproval" ? "Waiting for approval" : "Approved, waiting for your code"}
        </span>
      );
    default:
      return null;
  }
}

/** Whether what somebody already has of a role allows activating it at its own resource now. */
export function canActivate(taken: Taken | null): boolean {
  return taken === null || taken.state === "Scheduled";
}
