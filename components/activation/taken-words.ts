import { minutesLeft } from "@/lib/domain/gate/activation-time";
import type { ActivationTerms, Taken } from "@/lib/queries/activation/activation-terms";

export function endInWords(startMilliseconds: number, minutes: number): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" }).format(
    startMilliseconds + minutes * 60_000,
  );
}

/** Why a role cannot be activated now, by what its member has of it already; null if it can. */
export function inTheWay({
  taken,
  settings,
}: {
  readonly taken: Taken | null;
  readonly settings: Pick<ActivationTerms["settings"], "approvalRequired">;
}): string | null {
  switch (taken?.state) {
    case "Active":
      return taken.endsAt === null
        ? "Active, permanently."
        : `Active until ${endInWords(taken.endsAt.getTime(), 0)}.`;
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
