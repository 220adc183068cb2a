import { Icon } from "@/components/ui/icon";

export function StatusBadge({ disabled }: { disabled: boolean }) {
  return disabled ? (
    <span className="badge badge-danger">
      <Icon name="ban" size={13} /> Disabled
    </span>
  ) : (
    <span className="badge badge-success">
      <Icon name="check" size={13} /> Enabled
    </span>
  );
}
