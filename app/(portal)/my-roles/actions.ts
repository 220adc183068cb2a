"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { mostAtOnce } from "@/lib/domain/gate/protected-operation";
import type { ActivationRules } from "@/lib/domain/roles/role-settings";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { activateRoles, activateRolesOperation } from "@/lib/operations/activation/activate-roles";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import { addFavourite, raiseFavourite, removeFavourite } from "@/lib/operations/preferences/keep-favourite";
import { application } from "@/lib/platform/application";
import {
  type ActivationChoice,
  activationChoices,
  settingsOfSeveral,
} from "@/lib/queries/activation/activation-choices";
import { prepareChallenge, proofOf } from "@/lib/web/actions/step-up";
import {
  activationItems,
  fieldErrorsOf,
  fieldsOf,
  optionalMoment,
  optionalText,
  stepUpFields,
} from "@/lib/web/form-fields";
import {
  type FormOutcome,
  outcomeOf,
  outcomeOfSeveral,
  type PreparedChallenge,
  refused,
  signedOutOutcome,
} from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";

/** The field in which the start is typed, in the reader's zone. */
const startField = "startsAtLocal";

/** What one activation and several at once are asked alike. */
const common = {
  when: z.enum(["now", "later"]).optional(),
  startsAt: optionalMoment,
  justification: optionalText,
  ticketNumber: optionalText,
  ticketSystem: optionalText,
  ...stepUpFields,
};

function startGiven({ when, startsAt }: { when?: "now" | "later"; startsAt: Date | null }): boolean {
  return when !== "later" || startsAt !== null;
}
const startMissing = { path: [startField], message: "Enter when the role shall start." };

function atOnceUnlessLater<Form extends { when?: "now" | "later"; startsAt: Date | null }>({
  when,
  startsAt,
  ...rest
}: Form) {
  return { ...rest, startsAt: when === "now" ? null : startsAt };
}

const activation = z
  .object({
    eligibilityId: z.uuid(),
    resourceId: z.uuid(),
    duration: z.coerce
      .number("Choose a duration.")
      .min(0)
      .max(24)
      .transform((hours) => Math.round(hours * 60)),
    ...common,
  })
  .refine(startGiven, startMissing)
  .transform(atOnceUnlessLater);

const several = z
  .object({ items: activationItems, ...common })
  .refine(startGiven, startMissing)
  .transform(atOnceUnlessLater);

const activated = {
  Provisioned: "The role is active now.",
  ScheduleCreated: "The activation is scheduled.",
  PendingApproval: "The request waits for approval.",
};

/** The challenge that describes the activation typed so far. */
export async function prepareActivation(form: FormData): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = activation.safeParse(fieldsOf(form));
  if (!caller || !parsed.success) return { ok: false, message: "Check the fields above." };
  const { eligibilityId, resourceId, startsAt, duration } = parsed.data;
  return prepareChallenge(caller, {
    kind: "ActivateRole",
    eligibilityId,
    resourceId,
    startsAt: startsAt?.toISOString() ?? null,
    durationMinutes: duration,
  });
}

/** Activates a role, with the code typed in the same dialog where one is wanted. */
export async function activate(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = activation.safeParse(fieldsOf(form));
  if (!parsed.success)
    return refused("Check the fields that are marked.", { fieldErrors: fieldErrorsOf(parsed.error) });
  const { code, challengeId, proofId, duration, ...input } = parsed.data;
  const proof = await proofOf(caller, { code, challengeId, proofId });
  if (!proof.ok) return proof.outcome;
  const result = await activateRole(application().database, caller, {
    ...input,
    durationMinutes: duration,
    proofId: proof.proofId,
  });
  if (!result.ok) return besideStart(outcomeOf(result.error, proof.proofId));
  revalidatePath("/", "layout");
  return { ok: true, message: activated[result.status] };
}

/** The challenge that describes the activations chosen so far. */
export async function prepareSeveral(form: FormData): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = several.safeParse(fieldsOf(form));
  if (!caller || !parsed.success) return { ok: false, message: "Check the fields above." };
  return prepareChallenge(caller, activateRolesOperation(parsed.data));
}

/** Activates several roles with one reason and one code; the outcome says what became of each. */
export async function activateSeveral(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = several.safeParse(fieldsOf(form));
  if (!parsed.success) {
    const fieldErrors = fieldErrorsOf(parsed.error);
    return refused(fieldErrors.items ?? "Check the fields that are marked.", { fieldErrors });
  }
  const { code, challengeId, proofId, ...input } = parsed.data;
  const proof = await proofOf(caller, { code, challengeId, proofId });
  if (!proof.ok) return proof.outcome;
  const results = await activateRoles(application().database, caller, { ...input, proofId: proof.proofId });
  const waits = results.some((result) => result.ok && result.status === "PendingApproval");
  const outcome = outcomeOfSeveral(
    results.map((result) => (result.ok ? { ok: true as const, message: activated[result.status] } : result)),
    {
      done: (count) =>
        `${count} of ${results.length} roles ${waits ? "went through" : input.startsAt ? "are scheduled" : "are active now"}.`,
      nothing: "None of the roles was activated.",
    },
    proof.proofId,
  );
  if (outcome.ok) revalidatePath("/", "layout");
  return besideStart(outcome);
}

/** The settings in force for each of several activations, to choose a duration and a reason by. */
export async function readSeveral(items: unknown): Promise<(ActivationRules | null)[]> {
  const caller = await currentCaller();
  const parsed = z
    .array(z.object({ eligibilityId: z.uuid(), resourceId: z.uuid() }))
    .max(mostAtOnce)
    .safeParse(items);
  if (!caller || !parsed.success) return [];
  return settingsOfSeveral(application().database, caller, parsed.data);
}

const roleAtScope = z.object({ roleDefinitionId: z.uuid(), resourceId: z.uuid() });

/** Stars a role at a scope (`favourite` is not empty), or takes the star off. */
export async function keepFavourite(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = roleAtScope.safeParse(fieldsOf(form));
  if (!parsed.success) return refused("This role is not known.");
  const { database } = application();
  if (fieldsOf(form).favourite) {
    const result = await addFavourite(database, caller, parsed.data);
    if (!result.ok) return outcomeOf(result.error, null);
  } else await removeFavourite(database, caller, parsed.data);
  revalidatePath("/", "layout");
  return { ok: true, message: "" };
}

/** Moves a favourite one place up. */
export async function moveFavouriteUp(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = roleAtScope.safeParse(fieldsOf(form));
  if (!parsed.success) return refused("This role is not known.");
  const result = await raiseFavourite(application().database, caller, parsed.data);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return { ok: true, message: "" };
}

/** What was wrong with the start stands beside the field in which it was typed. */
function besideStart(outcome: FormOutcome): FormOutcome {
  if (outcome.ok || !outcome.fieldErrors.startsAt) return outcome;
  const { startsAt, ...fieldErrors } = outcome.fieldErrors;
  return { ...outcome, fieldErrors: { ...fieldErrors, [startField]: startsAt } };
}

/** Gives an activated role up, or cancels one that has not begun. */
export async function deactivate(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const assignmentId = z.uuid().safeParse(fieldsOf(form).assignmentId);
  if (!assignmentId.success) return refused("This role is not known.");
  const result = await deactivateRole(application().database, caller, { assignmentId: assignmentId.data });
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return { ok: true, message: "The role is no longer active." };
}

/** Where an eligibility can be activated, searched by name; the scope chosen before is kept among the answers. */
export async function searchActivationScopes(
  eligibilityId: unknown,
  search: unknown,
  chosenId: unknown,
): Promise<ActivationChoice[]> {
  const caller = await currentCaller();
  const parsed = z
    .object({
      eligibilityId: z.uuid(),
      search: z
        .string()
        .max(200)
        .transform((text) => text.replaceAll("\0", "").trim()),
      chosenId: z.uuid(),
    })
    .safeParse({ eligibilityId, search, chosenId });
  if (!caller || !parsed.success) return [];
  return activationChoices(application().database, caller, parsed.data);
}
