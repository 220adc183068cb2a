import { exactMoment } from "@/lib/domain/time/day-words";
import { formatIn, inWords } from "@/lib/domain/time/moment-format";
import { langOf, type ReaderTimes } from "@/lib/domain/time/reader-times";
import { zoneInWords } from "@/lib/domain/time/zone-names";
import { knownTimes } from "@/lib/web/known-times";
import { readerTimes } from "@/lib/web/reader-zone";

/** A time in words, in the reader's zone, for the message of an action. */
export async function momentInWords(value: Date | null): Promise<string> {
  return value === null ? "permanently" : inWords(value, await readerTimes());
}

/** A time in the reader's zone, with the exact UTC time on hover. */
export function Moment({ value, short = false }: { value: Date | null; short?: boolean }) {
  if (value === null) return <span>Permanent</span>;
  const times = knownTimes();
  return times
    ? shownMoment(value, short, times)
    : readerTimes().then((read) => shownMoment(value, short, read));
}

function shownMoment(value: Date, short: boolean, times: ReaderTimes) {
  const format = formatIn(times);
  return (
    <time dateTime={value.toISOString()} title={exactMoment(value)} lang={langOf(times)}>
      {short ? format.time(value) : format.moment(value)}
    </time>
  );
}

/** Names the reader's zone, once for all times of a page. */
export async function ReaderZone({ now }: { now: Date }) {
  const times = await readerTimes();
  const { zone } = times;
  const offset = formatIn(times).offset(now);
  return (
    <p className="reader-zone mt-6 text-[0.86rem] text-muted">
      Times are in {zone === "UTC" ? "UTC" : `${zoneInWords(zone)}${offset ? ` (${offset})` : ""}`}.
    </p>
  );
}
