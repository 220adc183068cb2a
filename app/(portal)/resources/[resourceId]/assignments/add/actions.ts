"use server";

import { z } from "zod";
import { itemsOf, outcomeOfBatch } from "@/components/assignments/batch-outcome";
import { momentInWords } from "@/components/ui/moment";
import { principalText } from "@/lib/domain/people/principal-identity";
import type { Schedule } from "@/lib/domain/time/schedule";
import {
  assignRoles,
  assignRolesOperation,
  previewAssignRoles,
  rowsToAssign,
} from "@/lib/operations/assignments/assign-roles";
import { maximumRows } from "@/lib/operations/gate/run-batch";
import { viewResource } from "@/lib/queries/resources/resources";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { provedAction } from "@/lib/web/actions/form-action";
import { lookup } from "@/lib/web/actions/lookup";
import { previewAction } from "@/lib/web/actions/preview-action";
import {
  assignmentType,
  chosenIds,
  endOrPermanent,
  knownId,
  optionalMoment,
  optionalText,
  searchText,
} from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";
import { mayAssign, principalsFor } from "../../../principals-for";
import { rolesToAssign } from "./roles-to-assign";

const shape = z
  .object({
    assignmentType,
    resourceId: knownId("resource"),
    roleDefinitionIds: chosenIds(sentences.chooseRole, maximumRows, "roles"),
    principalIds: chosenIds(sentences.chooseMember, maximumRows, "members"),
    startsAt: optionalMoment,
    justification: optionalText,
  })
  .refine((value) => rowsToAssign(value).length <= maximumRows, {
    path: ["principalIds"],
    message: `Choose fewer: at most ${maximumRows} assignments at once.`,
  })
  .and(endOrPermanent);

/** The challenge that names every role and member. */
export const prepareAssignments = challengeAction({ shape, operation: assignRolesOperation });

/** Previews the assignment of every role to every member. */
export const previewAssignments = previewAction({
  shape,
  async preview({ caller, database }, fields) {
    const { needsCode, needsResistant, results } = await previewAssignRoles(database, caller, fields);
    const items = await itemsOf(results, wordsFor(`Will be ${fields.assignmentType.toLowerCase()}`));
    return { needsCode, needsResistant, items };
  },
});

/** Assigns every role to every member. Returns the result of each. */
export const submitAssignments = provedAction({
  shape,
  run: ({ caller, database, proofId }, fields) => assignRoles(database, caller, { ...fields, proofId }),
  answer: (results, { proofId }, fields) =>
    outcomeOfBatch(results, wordsFor(fields.assignmentType), proofId, {
      done: (count) => `${count} of ${results.length} assignments are made.`,
      nothing: "No assignment was made.",
    }),
});

function wordsFor(lead: string) {
  return async ({ schedule }: { schedule: Schedule }) => {
    const start = await momentInWords(schedule.startsAt);
    const end = schedule.endsAt
      ? `until ${await momentInWords(schedule.endsAt)}`
      : await momentInWords(schedule.endsAt);
    return `${lead} from ${start} ${end}.`;
  };
}

/** Roles by name. Empty for a caller who may not assign at the resource. */
export const findRoles = lookup({
  shapes: z.tuple([z.uuid(), searchText]),
  none: [],
  async find({ caller, database }, resourceId, search) {
    const resource = await viewResource(database, caller, resourceId);
    if (!resource || !mayAssign(resource.may)) return [];
    return rolesToAssign(database, resource.id, { search, used: false });
  },
});

/** Users and groups by name or address. Empty for a caller who may not assign at the resource. */
export const findMembers = lookup({
  shapes: z.tuple([z.uuid(), searchText]),
  none: [],
  async find(by, resourceId, search) {
    const found = await principalsFor(by, resourceId, search, mayAssign);
    return found.map((principal) => ({ id: principal.id, label: principalText(principal), principal }));
  },
});
