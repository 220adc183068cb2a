import { cache } from "react";
import { type ChosenTimes, type ReaderTimes, usualLanguage } from "@/lib/domain/time/reader-times";

/** How times are seen: as somebody chose, otherwise in the zone that their browser named, and in UTC until it names one. */
export function seenTimes(chosen: ChosenTimes | undefined, browser: string | null | undefined): ReaderTimes {
  return { zone: chosen?.zone ?? browser ?? "UTC", language: chosen?.language ?? usualLanguage };
}

const known = cache((): { times: ReaderTimes | null } => ({ times: null }));

/** Records how the reader of the page that is being rendered sees times. */
export function keepTimes(times: ReaderTimes): void {
  known().times = times;
}

/**
 * How the reader sees times, if this page has read their session by now. React sends what a component need not wait
 * for in its place, and what it waits for as a part of its own.
 */
export function knownTimes(): ReaderTimes | null {
  return known().times;
}
