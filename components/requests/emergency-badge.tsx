import { Icon } from "@/components/ui/icon";

/** Marks what a member approved for themselves in an emergency. */
export function EmergencyBadge({ open }: { readonly open?: boolean }) {
  return (
    <span className="badge badge-danger">
      <Icon name="triangle-alert" size={13} />
      {open === undefined ? "Emergency" : open ? "Emergency, review open" : "Emergency, reviewed"}
    </span>
  );
}
