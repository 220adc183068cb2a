"use server";

import { z } from "zod";
import { itemsOf, outcomeOfBatch } from "@/components/assignments/batch-outcome";
import { momentShape } from "@/lib/domain/time/date-in-address";
import {
  makeEligible,
  makeEligibleOperation,
  previewMakeEligible,
} from "@/lib/operations/assignments/make-eligible";
import { maximumRows } from "@/lib/operations/gate/run-batch";
import { application } from "@/lib/platform/application";
import { otherFactors } from "@/lib/platform/other-factors";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { provedAction } from "@/lib/web/actions/form-action";
import { previewAction } from "@/lib/web/actions/preview-action";
import { jsonOf, optionalText, unseen } from "@/lib/web/form-fields";
import { atMost, sentences } from "@/lib/web/form-sentences";
import { staleInWords } from "../assignments/stale-in-words";
import { notesBefore, wordsAfter, wordsBefore } from "./made-eligible-words";

const moment = momentShape.nullable();
const shown = z.object({
  startsAt: momentShape,
  endsAt: moment,
  eligibleUntil: moment,
  keptId: z.uuid().nullable(),
  readiness: z.string().max(40),
});
const row = z.object({
  id: z.uuid(),
  shown: shown.nullish().transform((given) => given ?? null),
});

/** One hidden field holds the assignments as JSON, each with what the preview showed of it. */
const shape = z.object({
  rows: unseen(
    jsonOf(
      z
        .array(row, sentences.chooseAssignment)
        .min(1, sentences.chooseAssignment)
        .max(maximumRows, atMost(maximumRows, "assignments")),
    ),
  ),
  justification: optionalText,
});

const issuers = () => otherFactors(application().configuration).issuers;

/** The challenge that names every assignment with what was shown of it. */
export const prepareEligible = challengeAction({
  shape,
  operation: ({ rows }) => makeEligibleOperation(rows),
});

/** Previews what each assignment becomes. */
export const previewEligible = previewAction({
  shape,
  async preview({ caller, database }, { rows, justification }) {
    const ids = [...new Set(rows.map(({ id }) => id))];
    const { results, ...needs } = await previewMakeEligible(
      database,
      caller,
      { ids, justification },
      issuers(),
    );
    const previewed = ids.map((id, index) => {
      const result = results[index];
      return { id, shown: result?.ok ? result.shown : null };
    });
    return {
      ...needs,
      items: await itemsOf(results, wordsBefore, notesBefore),
      fields: { rows: JSON.stringify(previewed) },
    };
  },
});

/** Turns the assignments into eligibilities. Returns the result of each. */
export const submitEligible = provedAction({
  shape,
  run: ({ caller, database, proofId }, fields) =>
    makeEligible(database, caller, { ...fields, proofId }, issuers()),
  answer: async (results, { proofId }) =>
    outcomeOfBatch(await Promise.all(results.map(staleInWords)), wordsAfter, proofId, {
      done: (count) => `${count} of ${results.length} assignments are eligible now.`,
      nothing: "No assignment was made eligible.",
    }),
});
