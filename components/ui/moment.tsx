import { cookies } from "next/headers";
import { cache } from "react";
import { inWords, momentFormat } from "@/lib/domain/time/moment-format";

/** The reader's IANA time zone; UTC until the browser sends it. */
export const readerTimeZone = cache(async (): Promise<string> => {
  const zone = (await cookies()).get("postern-tz")?.value ?? "UTC";
  return momentFormat(zone) ? zone : "UTC";
});

/** A time in words, in the reader's zone, for the message of an action. */
export async function momentInWords(value: Date | null): Promise<string> {
  return value === null ? "permanently" : inWords(value, await readerTimeZone());
}

/** A time in the reader's zone, with the exact UTC time on hover. */
export async function Moment({ value }: { value: Date | null }) {
  if (value === null) return <span>Permanent</span>;
  return (
    <time
      dateTime={value.toISOString()}
      title={`${value.toISOString().replace("T", " ").slice(0, 19)} UTC`}
      className="whitespace-nowrap"
    >
      {inWords(value, await readerTimeZone())}
    </time>
  );
}
