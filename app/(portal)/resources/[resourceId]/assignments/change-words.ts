import { momentInWords } from "@/components/ui/moment";
import type { RowChange } from "@/lib/operations/assignments/change-assignments";
import type { RowResult } from "@/lib/operations/gate/run-batch";

/** The end that a preview shows for a row. A refused row has none. */
export function endBefore(result: RowResult<RowChange> | undefined): Date | null {
  return result?.ok && result.change !== "Remove" ? result.before.endsAt : null;
}

/** The preview of a row in words. */
export async function wordsBefore(done: RowChange): Promise<string> {
  switch (done.change) {
    case "Extend":
      return `Ends ${await momentInWords(done.after.endsAt)} instead of ${await momentInWords(done.before.endsAt)}.`;
    case "Renew":
      return `Again from ${await momentInWords(done.after.startsAt)} until ${await momentInWords(done.after.endsAt)}.`;
    case "Remove":
      return `Ends at once${withActivations(done.endedActivations)}.`;
  }
}

/** The result of a row in words. */
export async function wordsAfter(done: RowChange): Promise<string> {
  switch (done.change) {
    case "Extend":
      return `Extended until ${await momentInWords(done.after.endsAt)}.`;
    case "Renew":
      return `Renewed until ${await momentInWords(done.after.endsAt)}.`;
    case "Remove":
      return `Removed${withActivations(done.endedActivations)}.`;
  }
}

function withActivations(count: number): string {
  if (count === 0) return "";
  return count === 1 ? ", with 1 activation based on it" : `, with ${count} activations based on it`;
}
