import { z } from "zod";
import { momentShape } from "@/lib/domain/time/date-in-address";
import type { Change } from "@/lib/operations/assignments/change-assignments";
import { maximumRows } from "@/lib/operations/gate/run-batch";
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

const row = z.object({
  assignmentType: z.enum(["Eligible", "Active"]),
  id: z.uuid(),
  expectedEnd: momentShape.nullish().transform((moment) => moment ?? null),
});
const rows = unseen(
  jsonOf(
    z
      .array(row, sentences.chooseAssignment)
      .min(1, sentences.chooseAssignment)
      .max(maximumRows, atMost(maximumRows, "assignments")),
  ),
);
const common = { rows, justification: optionalText };
const end = optionalMoment.pipe(z.date("Choose an end."));

/** The form of one change of many assignments. One hidden field holds the rows as JSON. */
export const changeOfMany = z
  .discriminatedUnion("change", [
    z.object({ change: z.literal("Extend"), endsAt: end, ...common }),
    z.object({ change: z.literal("Renew"), startsAt: optionalMoment, endsAt: end, ...common }),
    z.object({ change: z.literal("Remove"), ...common }),
  ])
  .transform(({ rows, justification, ...change }) => {
    const typed: Change = change;
    return { rows, justification, change: typed };
  });

/** A change of one assignment, based on the times that its form showed. */
export const changeOfOne = z
  .object({
    change: unseen(z.enum(["Update", "Extend", "Renew"]), sentences.unreadable),
    assignmentType,
    id: knownId("assignment"),
    expectedStart: unseen(momentShape, sentences.unreadable),
    expectedEnd: unseen(optionalMoment, sentences.unreadable),
    startsAt: optionalMoment,
    justification: optionalText,
  })
  .and(endOrPermanent)
  .transform(({ expectedStart, startsAt, ...rest }) => ({
    ...rest,
    expected: { startsAt: expectedStart, endsAt: rest.expectedEnd },
    startsAt: rest.change === "Renew" ? startsAt : null,
  }));
