"use client";

import { useShownTimes } from "@/components/ui/reader-times";
import { dayOfReader, exactMoment } from "@/lib/domain/time/day-words";
import { langOf } from "@/lib/domain/time/reader-times";

/** The reader's day of a moment (ISO 8601, UTC), with the exact UTC time on hover. */
export function ReaderDay({ of }: { readonly of: string }) {
  const times = useShownTimes();
  const moment = new Date(of);
  return (
    <time dateTime={of} title={exactMoment(moment)} lang={langOf(times)} suppressHydrationWarning>
      {dayOfReader(moment, times)}
    </time>
  );
}
