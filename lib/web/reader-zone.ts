import { inReadersZone } from "@/lib/domain/time/moment-format";
import type { ChosenTimes, ReaderTimes } from "@/lib/domain/time/reader-times";
import { logContext } from "@/lib/platform/log-context";
import type { FormOutcome, ItemOutcome } from "@/lib/web/form-outcome";
import { knownTimes, seenTimes } from "@/lib/web/known-times";
import { currentCaller } from "@/lib/web/request";
import { namedTimeZone } from "@/lib/web/request-zone";

/** What the reader chose under Profile. */
export async function chosenTimes(): Promise<ChosenTimes> {
  const none = { zone: null, language: null };
  return logContext()?.times ?? (await currentCaller())?.times ?? none;
}

/** How the reader sees times: as they chose, otherwise in the zone of their browser; in UTC until it sends one. */
export async function readerTimes(): Promise<ReaderTimes> {
  return knownTimes() ?? seenTimes(await chosenTimes(), await namedTimeZone());
}

/** The zone by which the reader's days are counted. */
export async function readerTimeZone(): Promise<string> {
  return (await readerTimes()).zone;
}

/** A text of an operation or a notice, with its times in the reader's zone. */
export async function textInReadersZone(text: string): Promise<string> {
  return inReadersZone(text, await readerTimes());
}

/** The answer to a form, with its times in the reader's zone. */
export async function outcomeInReadersZone<Outcome extends FormOutcome>(outcome: Outcome): Promise<Outcome> {
  const times = await readerTimes();
  const local = (text: string) => inReadersZone(text, times);
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
