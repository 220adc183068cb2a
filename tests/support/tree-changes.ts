import { moveResource, moveResourceOperation } from "@/lib/operations/resources/move-resource";
import { retireResource, retireResourceOperation } from "@/lib/operations/resources/retire-resource";
import { undoRetirement, undoRetirementOperation } from "@/lib/operations/resources/undo-retirement";
import { previewMove } from "@/lib/queries/resources/move-preview";
import { previewRestoration, previewRetirement } from "@/lib/queries/resources/retire-preview";
import type { Administration } from "./administration";
import { factsOf } from "./own-places";

type Placed = { readonly id: string; readonly scope: string };

/** Moves, retirements and restorations as a person confirms them: what was shown, with a code for exactly that. */
export function treeChanges(at: Administration) {
  const { database, prove } = at;
  return {
    async readyToMove(resource: Placed, from: Placed, to: Placed, caller = at.owner) {
      const facts = factsOf(await previewMove(database, caller, resource.id, to.id));
      const input = { resourceId: resource.id, fromId: from.id, toId: to.id, preview: facts.preview };
      const proofId = await prove(moveResourceOperation(input), caller);
      return () => moveResource(database, caller, { ...input, justification: "Reorganised", proofId });
    },
    async readyToRetire(resource: Placed, caller = at.owner) {
      const facts = factsOf(await previewRetirement(database, caller, resource.id));
      const input = { resourceId: resource.id, preview: facts.preview };
      const proofId = await prove(retireResourceOperation(input), caller);
      return () => retireResource(database, caller, { ...input, justification: "No longer used", proofId });
    },
    async readyToUndo(retirementId: string, caller = at.owner) {
      const shown = await previewRestoration(database, caller, retirementId);
      if (shown === null || "code" in shown) throw new Error(JSON.stringify(shown));
      const input = { retirementId, preview: shown.preview };
      const proofId = await prove(undoRetirementOperation(input), caller);
      return () => undoRetirement(database, caller, { ...input, justification: "Needed after all", proofId });
    },
  };
}

/** The result of a successful operation. Throws its refusal. */
export async function done<Result extends { readonly ok: boolean }>(
  result: Promise<Result>,
): Promise<Extract<Result, { readonly ok: true }>> {
  const given = await result;
  if (!given.ok) throw new Error(JSON.stringify(given));
  return given as Extract<Result, { readonly ok: true }>;
}
