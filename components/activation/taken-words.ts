import { minutesLeft } from "@/lib/domain/gate/activation-time";
import { inWords } from "@/lib/domain/time/moment-format";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import type { ActivationTerms, Taken } from "@/lib/queries/activation/activation-terms";

/** The end of a time with this start and length, in the reader's zone and language. */
export function endInWords(startMilliseconds: number, minutes: number, times: ReaderTimes): string {
  return inWords(new Date(startMilliseconds + minutes * 60_000), times);
}

/** Why a role cannot be activated now, because of what its member already has of it; null if it can. */
export function inTheWay(
  {
    taken,
    settings,
  }: {
    readonly taken: Taken | null;
    readonly settings: Pick<ActivationTerms["settings"], "approvalRequired">;
  },
  times: ReaderTimes,
): string | null {
  switch (taken?.state) {
    case "Active":
      return taken.endsAt === null
        ? "Active, permanently."
        : `Active until ${endInWords(taken.endsAt.getTime(), 0, times)}.`;
    case "Waiting":
      if (taken.status === "PendingProvisioning") return "Approved. It waits for your code in My requests.";
      return settings.approvalRequired ? "Waiting for approval." : null;
    default:
      return null;
  }
}

/** The whole minutes until the next activation of the same role begins; null if none is scheduled. */
export function freeMinutes(taken: Taken | null, now: Date): number | null {
  return taken?.state === "Scheduled" ? minutesLeft(now, taken.startsAt) : null;
}
