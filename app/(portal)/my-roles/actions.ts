"use server";

import { z } from "zod";
import { mostAtOnce } from "@/lib/domain/gate/activations-together";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { activateRoles, activateRolesOperation } from "@/lib/operations/activation/activate-roles";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import { deactivateRoles } from "@/lib/operations/activation/deactivate-roles";
import { extendActivation, extendActivationOperation } from "@/lib/operations/activation/extend-activation";
import { maximumRows } from "@/lib/operations/gate/run-batch";
import { addFavourite, raiseFavourite, removeFavourite } from "@/lib/operations/preferences/keep-favourite";
import { activationChoices, noChoices } from "@/lib/queries/activation/activation-choices";
import { refusalsBeforeCode, termsOfSeveral } from "@/lib/queries/activation/activations-asked";
import { extensionRefusalBeforeCode, extensionTerms } from "@/lib/queries/activation/extension-terms";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { formAction, provedAction } from "@/lib/web/actions/form-action";
import { lookup } from "@/lib/web/actions/lookup";
import { chosenIds, knownId, searchText } from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";
import { outcomeOfSeveral } from "@/lib/web/refusal-outcome";
import { activation, activationExtension, severalActivations } from "./activation-shapes";

const activated = {
  Provisioned: "The role is active now.",
  ScheduleCreated: "The activation is scheduled.",
  PendingApproval: "The request waits for approval.",
};

/** The challenge that describes the activation typed so far. */
export const prepareActivation = challengeAction({
  shape: activation,
  operation: ({ eligibilityId, resourceId, startsAt, durationMinutes }) => ({
    kind: "ActivateRole",
    eligibilityId,
    resourceId,
    startsAt: startsAt?.toISOString() ?? null,
    durationMinutes,
  }),
  refuses: async ({ caller, database }, fields) =>
    (await refusalsBeforeCode(database, caller, [fields]))[0] ?? null,
});

/** Activates a role, with the code typed in the same dialog if one is required. */
export const activate = provedAction({
  shape: activation,
  run: ({ caller, database, proofId }, fields) => activateRole(database, caller, { ...fields, proofId }),
  done: ({ status }) => activated[status],
  // The panel reads the page again itself, so that the answer does not wait for it (docs/decisions/speed.md).
  refresh: () => false,
});

const extended = {
  Provisioned: "The role now ends later.",
  PendingApproval: "The request waits for approval. The role stays active until its current end.",
};

/** The challenge that describes the extension typed so far. */
export const prepareExtension = challengeAction({
  shape: activationExtension,
  operation: extendActivationOperation,
  refuses: ({ caller, database }, fields) => extensionRefusalBeforeCode(database, caller, fields),
});

/** Extends a running activation, with the code typed in the same dialog where one is required. */
export const extend = provedAction({
  shape: activationExtension,
  run: ({ caller, database, proofId }, fields) => extendActivation(database, caller, { ...fields, proofId }),
  done: ({ status }) => extended[status],
});

/** The conditions under which a running activation can be extended. */
export const readExtension = lookup({
  shapes: z.tuple([z.uuid()]),
  none: null,
  find: ({ caller, database }, assignmentId) => extensionTerms(database, caller, assignmentId),
});

/** The challenge that describes the activations chosen so far. */
export const prepareSeveral = challengeAction({
  shape: severalActivations,
  operation: activateRolesOperation,
  // If one would succeed, a code makes sense. The answer names the others.
  async refuses({ caller, database }, { items, startsAt }) {
    const asked = items.map((item) => ({ ...item, startsAt }));
    const refusals = await refusalsBeforeCode(database, caller, asked);
    return refusals.every((each) => each !== null) ? (refusals[0] ?? null) : null;
  },
});

/** Activates several roles with one reason and one code. Returns the result of each. */
export const activateSeveral = provedAction({
  shape: severalActivations,
  run: ({ caller, database, proofId }, fields) => activateRoles(database, caller, { ...fields, proofId }),
  answer(results, { proofId }, { startsAt }) {
    const inWords = results.map((result) =>
      result.ok ? { ok: true as const, message: activated[result.status] } : result,
    );
    const waits = results.some((result) => result.ok && result.status === "PendingApproval");
    const verb = waits ? "went through" : startsAt ? "are scheduled" : "are active now";
    const words = {
      done: (count: number) => `${count} of ${results.length} roles ${verb}.`,
      nothing: "None of the roles was activated.",
    };
    return outcomeOfSeveral(inWords, words, proofId);
  },
});

/** The conditions of each of several activations. */
export const readSeveral = lookup({
  shapes: z.tuple([
    z
      .array(z.object({ eligibilityId: z.uuid(), resourceId: z.uuid() }))
      .max(mostAtOnce)
      .readonly(),
  ]),
  none: { terms: [], conflicts: [], reasons: [] },
  find: ({ caller, database }, items) => termsOfSeveral(database, caller, items),
});

const roleAtScope = z.object({ roleDefinitionId: knownId("role"), resourceId: knownId("resource") });

/** Stars a role at a scope if `favourite` is not empty, or removes the star. */
export const keepFavourite = formAction({
  shape: roleAtScope.extend({ favourite: z.string().optional() }),
  async run({ caller, database }, { favourite, ...role }) {
    if (favourite) return addFavourite(database, caller, role);
    await removeFavourite(database, caller, role);
    return { ok: true };
  },
  done: () => "",
});

/** Moves a favourite one place up. */
export const moveFavouriteUp = formAction({
  shape: roleAtScope,
  run: ({ caller, database }, role) => raiseFavourite(database, caller, role),
  done: () => "",
});

/** Ends an activation early, or cancels one that has not begun. */
export const deactivate = formAction({
  shape: z.object({ assignmentId: knownId("role") }),
  run: ({ caller, database }, fields) => deactivateRole(database, caller, fields),
  done: () => "The role is no longer active.",
});

/** Ends several of the caller's activations early. Returns the result of each. */
export const deactivateSeveral = formAction({
  shape: z.object({ assignmentIds: chosenIds(sentences.chooseRole, maximumRows, "roles") }),
  run: ({ caller, database }, fields) => deactivateRoles(database, caller, fields),
  answer(results) {
    const inWords = results.map((result) =>
      result.ok ? { ok: true as const, message: "The role is no longer active." } : result,
    );
    const words = {
      done: (count: number) =>
        count === results.length && count > 1
          ? `${count} roles are no longer active.`
          : `${count} of ${results.length} roles ${count === 1 ? "is" : "are"} no longer active.`,
      nothing: "None of the roles was deactivated.",
    };
    return outcomeOfSeveral(inWords, words, null);
  },
});

/** The scopes at which an eligibility can be activated, by name. The present choice is always among them. */
export const searchActivationScopes = lookup({
  shapes: z.tuple([z.uuid(), searchText, z.uuid()]),
  none: noChoices,
  find: ({ caller, database }, eligibilityId, search, chosenId) =>
    activationChoices(database, caller, { eligibilityId, search, chosenId }),
});
