import { minutesInWords } from "@/lib/domain/time/schedule";

/** After how many hours a reset lapses that no second administrator has confirmed. */
export const lapsedHours = 72;
/** For how many days two people cannot act as first and second administrator after one gave the other privileges. */
export const independentDays = 7;

export interface ResetRules {
  readonly resetDelayHours: number;
  readonly resetTakesTwo: boolean;
}

/** What happens with a reset that is requested under these rules, for the person who requests it. */
export function resetInWords({ resetDelayHours, resetTakesTwo }: ResetRules): string {
  const first = resetTakesTwo ? "Once a second administrator has confirmed it" : "";
  if (resetDelayHours === 0) return first || "At once";
  const after = `${minutesInWords(resetDelayHours * 60)} ${resetTakesTwo ? "later" : "from now"}, unless the person stops it`;
  return first === "" ? after : `${first}, ${after}`;
}
