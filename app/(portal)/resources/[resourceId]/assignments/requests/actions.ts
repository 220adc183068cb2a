"use server";

import { z } from "zod";
import { itemsOf, outcomeOfBatch } from "@/components/assignments/batch-outcome";
import { momentInWords } from "@/components/ui/moment";
import { momentShape } from "@/lib/domain/time/date-in-address";
import {
  approveExtensionOperation,
  type DecidedExtension,
  decideExtension,
} from "@/lib/operations/assignments/decide-extension";
import {
  approveExtensionsOperation,
  decideExtensions,
  previewExtensions,
} from "@/lib/operations/assignments/decide-extensions";
import { maximumRows } from "@/lib/operations/gate/run-batch";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { provedAction } from "@/lib/web/actions/form-action";
import { previewAction } from "@/lib/web/actions/preview-action";
import {
  assignmentType,
  endOrPermanent,
  jsonOf,
  knownId,
  optionalMoment,
  optionalText,
  unseen,
} from "@/lib/web/form-fields";
import { atMost, sentences } from "@/lib/web/form-sentences";
import { staleInWords } from "../stale-in-words";

const requestId = knownId("request");
const approval = z
  .object({
    requestId,
    decision: z.literal("Approve"),
    assignmentType,
    startsAt: optionalMoment,
    justification: optionalText,
  })
  .and(endOrPermanent);
const denial = z.object({ requestId, decision: z.literal("Deny"), justification: optionalText });

/** The challenge for an approval that leaves the member with an active assignment. */
export const prepareDecision = challengeAction({ shape: approval, operation: approveExtensionOperation });

/** Approves or denies a request to extend or renew. */
export const decide = provedAction({
  shape: z.union([denial, approval]),
  run: ({ caller, database, proofId }, decision) =>
    decideExtension(database, caller, {
      requestId: decision.requestId,
      decision,
      justification: decision.justification,
      proofId: decision.decision === "Approve" ? proofId : null,
    }),
  done: (_done, { decision }) =>
    decision === "Approve" ? "The request is approved." : "The request is denied.",
});

const several = z.object({
  decision: unseen(z.enum(["Approve", "Deny"]), sentences.unreadable),
  rows: unseen(
    jsonOf(
      z
        .array(
          z.object({
            id: z.uuid(),
            expectedEnd: momentShape.nullish().transform((moment) => moment ?? null),
          }),
          sentences.chooseRequest,
        )
        .min(1, sentences.chooseRequest)
        .max(maximumRows, atMost(maximumRows, "requests")),
    ),
  ),
  justification: optionalText.pipe(z.string("Give a reason.")),
});

/** The challenge that names every request to be approved. */
export const prepareSeveral = challengeAction({
  shape: several,
  operation: ({ decision, rows }) => (decision === "Approve" ? approveExtensionsOperation(rows) : null),
});

/** Previews a decision on several requests. */
export const previewSeveral = previewAction({
  shape: several,
  async preview({ caller, database }, fields) {
    const { needsCode, needsResistant, results } = await previewExtensions(database, caller, fields);
    const rows = fields.rows.map((row, index) => {
      const result = results[index];
      return { ...row, expectedEnd: result?.ok ? result.before.endsAt : null };
    });
    return {
      needsCode,
      needsResistant,
      items: await itemsOf(results, wordsBefore),
      fields: { rows: JSON.stringify(rows) },
    };
  },
});

/** Approves several requests to extend or renew, each as requested, or denies them. Returns the result of each. */
export const decideSeveral = provedAction({
  shape: several,
  run: ({ caller, database, proofId }, fields) => decideExtensions(database, caller, { ...fields, proofId }),
  async answer(results, { proofId }, { decision }) {
    const verb = decision === "Approve" ? "approved" : "denied";
    const inWords = await Promise.all(results.map(staleInWords));
    return outcomeOfBatch(inWords, wordsAfter, proofId, {
      done: (count) => `${count} of ${results.length} requests are ${verb}.`,
      nothing: `No request was ${verb}.`,
    });
  },
});

async function wordsBefore({ before, approved }: DecidedExtension): Promise<string> {
  if (!approved) return "Denied: nothing changes.";
  const end = await momentInWords(approved.after.endsAt);
  return approved.verb === "Extended"
    ? `Ends ${end} instead of ${await momentInWords(before.endsAt)}.`
    : `Again from now until ${end}.`;
}

async function wordsAfter({ approved }: DecidedExtension): Promise<string> {
  return approved ? `${approved.verb} until ${await momentInWords(approved.after.endsAt)}.` : "Denied.";
}
