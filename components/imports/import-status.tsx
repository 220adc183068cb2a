import { Check, CircleDashed, CirclePause, Eye, X } from "lucide-react";

const looks = {
  Staged: { label: "Ready to review", tone: "badge-accent", icon: Eye },
  Applying: { label: "Applying", tone: "badge-warning", icon: CircleDashed },
  Stopped: { label: "Stopped", tone: "badge-danger", icon: CirclePause },
  Applied: { label: "Applied", tone: "badge-success", icon: Check },
  Discarded: { label: "Discarded", tone: "", icon: X },
};

export function ImportStatus({ status }: { status: keyof typeof looks }) {
  const { label, tone, icon: Icon } = looks[status];
  return (
    <span className={`badge ${tone}`}>
      <Icon aria-hidden size={13} /> {label}
    </span>
  );
}
