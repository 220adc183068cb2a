import { Icon } from "@/components/ui/icon";
import { Moment } from "@/components/ui/moment";

/** Says that the reader's authenticator app is locked, and until when. Empty if it is not. */
export function FactorLocked({ until }: { until: Date | null }) {
  if (until === null) return null;
  return (
    <p className="banner mb-5">
      <Icon name="lock-keyhole" size={18} className="text-danger" />
      <span className="grow basis-60">
        <strong>Your authenticator app is locked</strong> after too many wrong codes, until{" "}
        <Moment value={until} />. Codes and recovery codes are accepted again after that.
      </span>
    </p>
  );
}
