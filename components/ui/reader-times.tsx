"use client";

import { createContext, useContext } from "react";
import { type ReaderTimes, timesIn } from "@/lib/domain/time/reader-times";

interface Shown {
  readonly times: ReaderTimes;
  /** Whether the reader chose the zone. Otherwise the browser knows its own before the server does. */
  readonly chosen: boolean;
}

const Times = createContext<Shown>({ times: timesIn("UTC"), chosen: false });

/** Tells everything below it how the reader sees times, so that the server and the browser write the same ones. */
export function ReaderTimesProvider({ times, chosen, children }: Shown & { children: React.ReactNode }) {
  return <Times value={{ times, chosen }}>{children}</Times>;
}

/** The zone of this browser. */
function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** How the reader types and sees times in a form: as they chose, otherwise in the zone of this browser. */
export function useReaderTimes(): ReaderTimes {
  const { times, chosen } = useContext(Times);
  return chosen ? times : { ...times, zone: browserZone() };
}

/** The zone of typed times, if it differs from that of this browser. */
export function useOtherZone(): string | null {
  const { times, chosen } = useContext(Times);
  return chosen && times.zone !== browserZone() ? times.zone : null;
}

/** How pages show times, the same on the server and in the browser. */
export function useShownTimes(): ReaderTimes {
  return useContext(Times).times;
}

/** The language in which days are written. */
export function useTimesLanguage(): ReaderTimes["language"] {
  return useContext(Times).times.language;
}
