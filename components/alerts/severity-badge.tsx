import { Icon } from "@/components/ui/icon";
import type { AlertSeverity } from "@/lib/domain/alerts/alerts";

const looks = {
  High: { className: "badge badge-danger", icon: "circle-alert" },
  Medium: { className: "badge badge-warning", icon: "triangle-alert" },
  Low: { className: "badge", icon: "info" },
} as const;

/** The severity of an alert, as colour, icon and word. */
export function SeverityBadge({ severity }: { severity: AlertSeverity }) {
  const { className, icon } = looks[severity];
  return (
    <span className={className}>
      <Icon name={icon} size={13} /> {severity}
    </span>
  );
}
