"use server";

import { z } from "zod";
import { assignRole, assignRoleOperation, maximumPrincipals } from "@/lib/operations/assignments/assign-role";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import {
  addFavouriteResource,
  removeFavouriteResource,
} from "@/lib/operations/preferences/keep-favourite-resource";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { formAction, provedAction } from "@/lib/web/actions/form-action";
import { lookup } from "@/lib/web/actions/lookup";
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
import { mayAssign, principalsFor } from "./principals-for";

const assignment = z
  .object({
    assignmentType,
    roleDefinitionId: knownId("role"),
    resourceId: knownId("resource"),
    principalIds: chosenIds(sentences.chooseMember, maximumPrincipals, "members"),
    startsAt: optionalMoment,
    justification: optionalText,
  })
  .and(endOrPermanent);

/** The challenge that describes the assignment typed so far. */
export const prepareAssignment = challengeAction({ shape: assignment, operation: assignRoleOperation });

/** Makes members eligible, or assigns them directly. */
export const addAssignments = provedAction({
  shape: assignment,
  run: ({ caller, database, proofId }, fields) => assignRole(database, caller, { ...fields, proofId }),
  done: ({ requestIds }) =>
    requestIds.length === 1 ? "The assignment is made." : `${requestIds.length} assignments are made.`,
});

/** Removes an eligible or active assignment. */
export const endAssignment = formAction({
  shape: z.object({ assignmentType, id: knownId("assignment"), justification: optionalText }),
  run: ({ caller, database }, fields) => removeAssignment(database, caller, fields),
  done: () => "The assignment is removed.",
});

/** Stars a resource if `favourite` is not empty, or removes the star. */
export const keepFavouriteResource = formAction({
  shape: z.object({ resourceId: knownId("resource"), favourite: z.string().optional() }),
  async run({ caller, database }, { favourite, resourceId }) {
    if (favourite) return addFavouriteResource(database, caller, resourceId);
    await removeFavouriteResource(database, caller, resourceId);
    return { ok: true };
  },
  done: () => "",
});

/** Users and groups by name. Empty for a caller who may not assign at the resource. */
export const findPrincipals = lookup({
  shapes: z.tuple([z.uuid(), searchText]),
  none: [],
  find: (by, resourceId, search) => principalsFor(by, resourceId, search, mayAssign),
});
