import {
  Ban,
  CalendarClock,
  CircleCheck,
  CircleX,
  Hourglass,
  type LucideIcon,
  TimerOff,
  TriangleAlert,
  Undo2,
} from "lucide-react";
import type { RequestStatus } from "@/lib/domain/request-state";

const looks: Readonly<Record<RequestStatus, readonly [words: string, className: string, icon: LucideIcon]>> =
  {
    PendingApproval: ["Waiting for approval", "badge-warning", Hourglass],
    PendingProvisioning: ["Being carried out", "badge-warning", Hourglass],
    ScheduleCreated: ["Scheduled", "badge-accent", CalendarClock],
    Provisioned: ["Provisioned", "badge-success", CircleCheck],
    Denied: ["Denied", "badge-danger", CircleX],
    Canceled: ["Canceled", "", Ban],
    TimedOut: ["Timed out", "", TimerOff],
    Revoked: ["Revoked", "", Undo2],
    Failed: ["Failed", "badge-danger", TriangleAlert],
  };

/** What a request is at, in words, colour and shape. */
export function StatusBadge({ status }: { status: RequestStatus }) {
  const [words, className, Icon] = looks[status];
  return (
    <span className={`badge ${className}`}>
      <Icon aria-hidden size={13} />
      {words}
    </span>
  );
}
