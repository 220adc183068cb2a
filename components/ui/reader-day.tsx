"use client";

import { useShownTimes } from "@/components/ui/reader-times";
import { dayInWords, exactMoment } from "@/lib/domain/time/day-words";
import { dayOf } from "@/lib/domain/time/reader-day";
import { langOf } from "@/lib/domain/time/reader-times";

/** The reader's day of a moment (ISO 8601, UTC), with the exact UTC time on hover. */
export function ReaderDay({ of }: { readonly of: string }) {
  const times = useShownTimes();
  const moment = new Date(of);
  return (
    <time dateTime={of} title={exactMoment(moment)} lang={langOf(times)} suppressHydrationWarning>
      {dayInWords(new Date(`${dayOf(moment, times.zone)}T00:00:00Z`), false, times.language)}
    </time>
  );
}
