import { minutesInWords } from "@/lib/domain/time/schedule";

/** A reset that no second administrator has confirmed after so many hours lapses. */
export const lapsedHours = 72;
/** Whoever gave somebody power in so many days, or got it from them, is no second administrator beside them. */
export const independentDays = 7;

export interface ResetRules {
  readonly resetDelayHours: number;
  readonly resetTakesTwo: boolean;
}

/** What becomes of a reset that is asked for under these rules, for whoever asks for it. */
export function resetInWords({ resetDelayHours, resetTakesTwo }: ResetRules): string {
  const first = resetTakesTwo ? "Once a second administrator has confirmed it" : "";
  if (resetDelayHours === 0) return first || "At once";
  const after = `${minutesInWords(resetDelayHours * 60)} ${resetTakesTwo ? "later" : "from now"}, unless the person stops it`;
  return first === "" ? after : `${first}, ${after}`;
}
