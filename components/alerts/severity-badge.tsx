import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { AlertSeverity } from "@/lib/domain/alerts/alerts";

const looks = {
  High: { className: "badge badge-danger", Icon: CircleAlert },
  Medium: { className: "badge badge-warning", Icon: TriangleAlert },
  Low: { className: "badge", Icon: Info },
} as const;

/** The severity of an alert, as colour, icon and word. */
export function SeverityBadge({ severity }: { severity: AlertSeverity }) {
  const { className, Icon } = looks[severity];
  return (
    <span className={className}>
      <Icon aria-hidden size={13} /> {severity}
    </span>
  );
}
