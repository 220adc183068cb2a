import { momentInWords } from "@/components/ui/moment";
import { obstacles } from "@/lib/domain/assignments/make-eligible";
import type { MadeEligible } from "@/lib/operations/assignments/make-eligible-in";

/** Until when somebody may activate the role, as a sentence's end. */
async function until(moment: Date | null): Promise<string> {
  return moment ? `until ${await momentInWords(moment)}` : "permanently";
}

/** The preview of a row: who keeps what, by when, and who could not activate it. */
export async function wordsBefore({ shown, startsAt, readiness }: MadeEligible): Promise<string> {
  const [eligible, active] = [await until(shown.eligibleUntil), await until(shown.endsAt)];
  if (shown.keptId)
    return [
      `Keeps the eligibility that they have, ${eligible}. Active no longer.`,
      ...obstacles(readiness),
    ].join(" ");
  const begins = shown.startsAt < startsAt ? "" : `, from ${await momentInWords(startsAt)}`;
  const made =
    eligible === active
      ? `Eligible instead of active${begins}, ${eligible}.`
      : `Eligible ${eligible}${begins}, instead of active ${active}.`;
  return [made, ...obstacles(readiness)].join(" ");
}

/** The result of a row. */
export async function wordsAfter({ shown }: MadeEligible): Promise<string> {
  return `Now eligible ${await until(shown.eligibleUntil)}, and no longer active.`;
}
