import { Moment } from "@/components/ui/moment";
import { distanceInWords } from "@/lib/domain/time/distance";

/** When access ends or ended, with the time until or since. The exact UTC time is shown on hover. */
export function EndMoment({ value, now }: { value: Date | null; now: Date }) {
  return (
    <span className="grid">
      <Moment value={value} />
      {value ? <span className="text-[0.86rem] text-muted">{distanceInWords(value, now)}</span> : null}
    </span>
  );
}
