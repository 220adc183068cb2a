import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { FormOutcome, ItemOutcome } from "@/lib/web/form-outcome";
import { outcomeOfSeveral, refusedItem } from "@/lib/web/refusal-outcome";

type Words<Done> = (done: Done) => Promise<string>;

/** Describes each row of a batch: what was or will be done, or why not. `notes` add further information. */
export function itemsOf<Done extends object>(
  results: readonly OperationResult<Done>[],
  words: Words<Done>,
  notes: (done: Done) => readonly string[] = () => [],
): Promise<ItemOutcome[]> {
  return Promise.all(
    results.map(async (result) =>
      result.ok
        ? { ok: true, message: await words(result), notes: notes(result) }
        : refusedItem(result.error),
    ),
  );
}

/** Turns a batch result into a form outcome: each row in words, and one sentence for all. */
export async function outcomeOfBatch<Done extends object>(
  results: readonly OperationResult<Done>[],
  words: Words<Done>,
  proofId: string | null,
  sentences: { readonly done: (count: number) => string; readonly nothing: string },
): Promise<FormOutcome> {
  const items = await Promise.all(
    results.map(async (result) => (result.ok ? { ok: true as const, message: await words(result) } : result)),
  );
  return outcomeOfSeveral(items, sentences, proofId);
}
