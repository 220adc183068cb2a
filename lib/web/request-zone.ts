import { cookies } from "next/headers";
import { zoneOfBrowser } from "@/lib/domain/time/time-zone";

/** The IANA time zone that the browser named; null until it does. */
export async function namedTimeZone(): Promise<string | null> {
  return zoneOfBrowser((await cookies()).get("postern-tz")?.value);
}
