import { Icon } from "@/components/ui/icon";
import { Moment } from "@/components/ui/moment";

/** Says that the reader's first factor does not count yet, and from when it will. Empty if it counts. */
export function FactorWaits({ until }: { until: Date | null }) {
  if (until === null) return null;
  return (
    <p className="banner mb-5">
      <Icon name="hourglass" size={18} className="text-muted" />
      <span className="grow basis-60">
        <strong>Your second factor is new</strong> and counts from <Moment value={until} />. Until then it
        confirms nothing. If it is not yours, tell an administrator now.
      </span>
    </p>
  );
}
