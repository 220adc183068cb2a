import { Moment } from "@/components/ui/moment";
import { minutesInWords } from "@/lib/domain/time/schedule";
import type { WaitingReset } from "@/lib/queries/people/factor-reset";

/** What a reset waits for. */
export function ResetWaits({ reset }: { reset: WaitingReset }) {
  if (reset.dueAt)
    return (
      <>
        They stop working <Moment value={reset.dueAt} />. Until then they work.
      </>
    );
  return (
    <>
      It waits for a second administrator until <Moment value={reset.lapsesAt} />
      {reset.delayHours > 0
        ? `, and takes effect ${minutesInWords(reset.delayHours * 60)} after they have confirmed it.`
        : "."}
    </>
  );
}
