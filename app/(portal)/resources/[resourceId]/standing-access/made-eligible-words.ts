import { momentInWords } from "@/components/ui/moment";
import { obstacles } from "@/lib/domain/assignments/make-eligible";
import type { MadeEligible } from "@/lib/operations/assignments/make-eligible-in";

/** Until when somebody may activate the role, as a sentence's end. */
async function until(moment: Date | null): Promise<string> {
  return moment ? `until ${await momentInWords(moment)}` : "permanently";
}

/** The preview of a row: who keeps what, by when, and who could not activate it. */
export async function wordsBefore({ shown, startsAt, readiness }: MadeEligible): Promise<string> {
  const instead = `instead of active ${await until(shown.endsAt)}`;
  const begins = shown.startsAt < startsAt ? "" : ` from ${await momentInWords(startsAt)}`;
  const kept = shown.keptId
    ? `Keeps the eligibility that they have, ${await until(shown.eligibleUntil)}, ${instead}.`
    : `Eligible${begins} ${await until(shown.eligibleUntil)}, ${instead}.`;
  return [kept, ...obstacles(readiness)].join(" ");
}

/** The result of a row. */
export async function wordsAfter({ shown }: MadeEligible): Promise<string> {
  return `Now eligible ${await until(shown.eligibleUntil)}, and no longer active.`;
}
