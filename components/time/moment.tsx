import { cookies } from "next/headers";

/** The reader's IANA time zone, UTC until their browser has told it. */
export async function readerTimeZone(): Promise<string> {
  const zone = decodeURIComponent((await cookies()).get("postern-tz")?.value ?? "UTC");
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch {
    return "UTC";
  }
}

/** A time in words in the reader's zone, for a message that an action answers with. */
export async function momentInWords(value: Date | null): Promise<string> {
  return value === null ? "permanently" : momentFormat(await readerTimeZone()).format(value);
}

function momentFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone });
}

/** A time in the reader's zone, with the exact UTC time on hover. */
export async function Moment({ value }: { value: Date | null }) {
  if (value === null) return <span>Permanent</span>;
  const format = momentFormat(await readerTimeZone());
  return (
    <time
      dateTime={value.toISOString()}
      title={`${value.toISOString().replace("T", " ").slice(0, 19)} UTC`}
      className="whitespace-nowrap"
    >
      {format.format(value)}
    </time>
  );
}
