import { Ban, Check } from "lucide-react";

export function StatusBadge({ disabled }: { disabled: boolean }) {
  return disabled ? (
    <span className="badge badge-danger">
      <Ban aria-hidden size={13} /> Disabled
    </span>
  ) : (
    <span className="badge badge-success">
      <Check aria-hidden size={13} /> Enabled
    </span>
  );
}
