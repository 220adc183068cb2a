"use server";

import { itemsOf, outcomeOfBatch } from "@/components/assignments/batch-outcome";
import type { ChangeOutcome } from "@/components/assignments/change-assignment";
import {
  changeAssignments,
  changeOperation,
  previewChange,
} from "@/lib/operations/assignments/change-assignments";
import { extendAssignment, extendAssignmentOperation } from "@/lib/operations/assignments/extend-assignment";
import { renewAssignment, renewAssignmentOperation } from "@/lib/operations/assignments/renew-assignment";
import { updateAssignment, updateAssignmentOperation } from "@/lib/operations/assignments/update-assignment";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { provedAction } from "@/lib/web/actions/form-action";
import { previewAction } from "@/lib/web/actions/preview-action";
import { refused } from "@/lib/web/form-outcome";
import { outcomeOf } from "@/lib/web/refusal-outcome";
import { changeOfMany, changeOfOne } from "./change-shapes";
import { endBefore, wordsAfter, wordsBefore } from "./change-words";
import { staleInWords } from "./stale-in-words";

/** The challenge that names every assignment to be extended or renewed. */
export const prepareMany = challengeAction({
  shape: changeOfMany,
  operation: ({ rows, change }) => changeOperation(rows, change),
});

/** Previews a change of many assignments. */
export const previewMany = previewAction({
  shape: changeOfMany,
  async preview({ caller, database }, fields) {
    const { needsCode, needsResistant, results } = await previewChange(database, caller, fields);
    const rows = fields.rows.map((row, index) => ({ ...row, expectedEnd: endBefore(results[index]) }));
    return {
      needsCode,
      needsResistant,
      items: await itemsOf(results, wordsBefore),
      fields: { rows: JSON.stringify(rows) },
    };
  },
});

/** Extends, renews or removes many assignments. Returns the result of each. */
export const changeMany = provedAction({
  shape: changeOfMany,
  run: ({ caller, database, proofId }, fields) => changeAssignments(database, caller, { ...fields, proofId }),
  async answer(results, { proofId }, { change }) {
    const verb = { Extend: "extended", Renew: "renewed", Remove: "removed" }[change.change];
    const inWords = await Promise.all(results.map(staleInWords));
    return outcomeOfBatch(inWords, wordsAfter, proofId, {
      done: (count) => `${count} of ${results.length} assignments are ${verb}.`,
      nothing: `No assignment was ${verb}.`,
    });
  },
});

const verbs = {
  Update: {
    operation: updateAssignmentOperation,
    run: updateAssignment,
    done: "The assignment is updated.",
  },
  Extend: {
    operation: extendAssignmentOperation,
    run: extendAssignment,
    done: "The assignment is extended.",
  },
  Renew: { operation: renewAssignmentOperation, run: renewAssignment, done: "The assignment is renewed." },
} as const;

/** The challenge that describes the change of a direct assignment typed so far. */
export const prepareChange = challengeAction({
  shape: changeOfOne,
  operation: ({ change, ...input }) => verbs[change].operation(input),
});

/** Updates, extends or renews an eligible or active assignment. The answer to a stale form contains the present times. */
export const changeAssignment = provedAction({
  shape: changeOfOne,
  run: async ({ caller, database, proofId }, { change, ...input }) =>
    staleInWords(await verbs[change].run(database, caller, { ...input, proofId })),
  answer(result, { proofId }, { change }): ChangeOutcome {
    if (result.ok) return { ok: true, message: verbs[change].done };
    if (result.error.code !== "StaleAssignment") return outcomeOf(result.error, proofId);
    const { startsAt, endsAt } = result.error.current;
    const newer = { startsAt: startsAt.toISOString(), endsAt: endsAt?.toISOString() ?? "" };
    const rest = "Your change is not saved. Save it again to replace theirs, or cancel to keep theirs.";
    return { ...refused(`${result.error.message} ${rest}`), newer };
  },
});
