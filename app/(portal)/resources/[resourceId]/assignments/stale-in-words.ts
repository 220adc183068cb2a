import { momentInWords } from "@/components/ui/moment";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { Schedule } from "@/lib/domain/time/schedule";

/**
 * Turns the result of a change into words. If the assignment's times changed in the meantime, the message gives both,
 * in the reader's zone.
 */
export async function staleInWords<Done extends object>(
  result: OperationResult<Done>,
): Promise<OperationResult<Done>> {
  if (result.ok || result.error.code !== "StaleAssignment") return result;
  const { shown, current, message } = result.error;
  const moved = shown.startsAt.getTime() !== current.startsAt.getTime();
  const difference = `It now ${await times(current, moved)}. The form showed that it ${await times(shown, moved)}.`;
  return { ok: false, error: { ...result.error, message: `${message} ${difference}` } };
}

async function times({ startsAt, endsAt }: Schedule, withStart: boolean): Promise<string> {
  const end = endsAt === null ? "is permanent" : `ends ${await momentInWords(endsAt)}`;
  return withStart ? `starts ${await momentInWords(startsAt)} and ${end}` : end;
}
