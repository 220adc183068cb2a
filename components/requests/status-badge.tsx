import { Icon } from "@/components/ui/icon";
import type { IconName } from "@/components/ui/icon-names";
import type { RequestStatus } from "@/lib/domain/requests/request-state";

const looks: Readonly<Record<RequestStatus, readonly [words: string, className: string, icon: IconName]>> = {
  PendingApproval: ["Waiting for approval", "badge-warning", "hourglass"],
  PendingProvisioning: ["Approved, waiting for a code", "badge-warning", "key-round"],
  ScheduleCreated: ["Scheduled", "", "calendar-clock"],
  Provisioned: ["Provisioned", "badge-success", "circle-check"],
  Denied: ["Denied", "badge-danger", "circle-x"],
  Canceled: ["Canceled", "", "ban"],
  TimedOut: ["Timed out", "", "timer-off"],
  Revoked: ["Revoked", "", "undo-2"],
  Failed: ["Failed", "badge-danger", "triangle-exclamation-point"],
};

/** The status of a request, in words, colour and shape. `own` words it for the requestor. */
export function StatusBadge({ status, own = false }: { status: RequestStatus; own?: boolean }) {
  const [general, className, icon] = looks[status];
  const words = own && status === "PendingProvisioning" ? "Approved, waiting for your code" : general;
  return (
    <span className={`badge ${className}`}>
      <Icon name={icon} size={13} />
      {words}
    </span>
  );
}
