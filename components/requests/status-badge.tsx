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
  Failed: ["Failed", "badge-danger", "triangle-alert"],
};

/** The look of a status: its words, the classes of its badge and its icon. `own` is the wording for the requestor. */
export function statusLook(status: RequestStatus, own = false) {
  const [general, badge, icon] = looks[status];
  const text = own && status === "PendingProvisioning" ? "Approved, waiting for your code" : general;
  return { text, badge, icon };
}

/** The status of a request, in words, colour and shape. */
export function StatusBadge({ status, own = false }: { status: RequestStatus; own?: boolean }) {
  const { text, badge, icon } = statusLook(status, own);
  return (
    <span className={`badge ${badge}`}>
      <Icon name={icon} size={13} />
      {text}
    </span>
  );
}
