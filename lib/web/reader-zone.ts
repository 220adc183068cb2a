import { cookies } from "next/headers";
import { inReadersZone } from "@/lib/domain/time/moment-format";
import { zoneOfBrowser } from "@/lib/domain/time/time-zone";
import type { FormOutcome, ItemOutcome } from "@/lib/web/form-outcome";

/** The IANA time zone that the browser named; null until it does. */
export async function namedTimeZone(): Promise<string | null> {
  return zoneOfBrowser((await cookies()).get("postern-tz")?.value);
}

/** The reader's IANA time zone; UTC until the browser sends it. */
export async function readerTimeZone(): Promise<string> {
  return (await namedTimeZone()) ?? "UTC";
}

/** A text of an operation or a notice, with its times in the reader's zone. */
export async function textInReadersZone(text: string): Promise<string> {
  return inReadersZone(text, await readerTimeZone());
}

/** What a form is answered, with its times in the reader's zone. */
export async function outcomeInReadersZone<Outcome extends FormOutcome>(outcome: Outcome): Promise<Outcome> {
  const zone = await readerTimeZone();
  const local = (text: string) => inReadersZone(text, zone);
  const localItem = (item: ItemOutcome) => ({ ...item, message: local(item.message) });
  return {
    ...outcome,
    message: local(outcome.message),
    ...(outcome.items ? { items: outcome.items.map(localItem) } : {}),
    ...(outcome.ok
      ? {}
      : {
          fieldErrors: Object.fromEntries(
            Object.entries(outcome.fieldErrors).map(([name, text]) => [name, local(text)]),
          ),
        }),
  };
}
