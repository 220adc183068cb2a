import { Icon } from "@/components/ui/icon";

const looks = {
  Staged: { label: "Ready to review", tone: "badge-warning", icon: "eye" },
  Applying: { label: "Applying", tone: "badge-warning", icon: "circle-dashed" },
  Stopped: { label: "Stopped", tone: "badge-danger", icon: "circle-pause" },
  Applied: { label: "Applied", tone: "badge-success", icon: "check" },
  Discarded: { label: "Discarded", tone: "", icon: "x" },
} as const;

export function ImportStatus({ status }: { status: keyof typeof looks }) {
  const { label, tone, icon } = looks[status];
  return (
    <span className={`badge ${tone}`}>
      <Icon name={icon} size={13} /> {label}
    </span>
  );
}
