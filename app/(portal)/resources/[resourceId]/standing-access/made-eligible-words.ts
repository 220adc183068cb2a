import { momentInWords } from "@/components/ui/moment";
import { obstacles } from "@/lib/domain/assignments/make-eligible";
import type { MadeEligible } from "@/lib/operations/assignments/make-eligible-in";

/** Until when somebody may activate the role, as the end of a sentence. */
async function until(moment: Date | null): Promise<string> {
  return moment ? `until ${await momentInWords(moment)}` : "permanently";
}

/** The preview of a row: who keeps what, and until when. */
export async function wordsBefore({ shown, startsAt }: MadeEligible): Promise<string> {
  const [eligible, active] = [await until(shown.eligibleUntil), await until(shown.endsAt)];
  if (shown.keptId) return `Keeps the eligibility that they have, ${eligible}. Active no longer.`;
  const begins = shown.startsAt < startsAt ? "" : `, from ${await momentInWords(startsAt)}`;
  return eligible === active
    ? `Eligible instead of active${begins}, ${eligible}.`
    : `Eligible ${eligible}${begins}, instead of active ${active}.`;
}

/** Who could not activate it, and what an activation requires. */
export const notesBefore = ({ readiness }: MadeEligible): readonly string[] => obstacles(readiness);

/** The result of a row. */
export async function wordsAfter({ shown }: MadeEligible): Promise<string> {
  return `Now eligible ${await until(shown.eligibleUntil)}, and no longer active.`;
}
