import {
  Ban,
  CalendarClock,
  CircleCheck,
  CircleX,
  Hourglass,
  KeyRound,
  type LucideIcon,
  TimerOff,
  TriangleAlert,
  Undo2,
} from "lucide-react";
import type { RequestStatus } from "@/lib/domain/requests/request-state";

const looks: Readonly<Record<RequestStatus, readonly [words: string, className: string, icon: LucideIcon]>> =
  {
    PendingApproval: ["Waiting for approval", "badge-warning", Hourglass],
    PendingProvisioning: ["Approved, waiting for a code", "badge-warning", KeyRound],
    ScheduleCreated: ["Scheduled", "badge-accent", CalendarClock],
    Provisioned: ["Provisioned", "badge-success", CircleCheck],
    Denied: ["Denied", "badge-danger", CircleX],
    Canceled: ["Canceled", "", Ban],
    TimedOut: ["Timed out", "", TimerOff],
    Revoked: ["Revoked", "", Undo2],
    Failed: ["Failed", "badge-danger", TriangleAlert],
  };

/** The status of a request, in words, colour and shape. `own` words it for the requestor. */
export function StatusBadge({ status, own = false }: { status: RequestStatus; own?: boolean }) {
  const [general, className, Icon] = looks[status];
  const words = own && status === "PendingProvisioning" ? "Approved, waiting for your code" : general;
  return (
    <span className={`badge ${className}`}>
      <Icon aria-hidden size={13} />
      {words}
    </span>
  );
}
