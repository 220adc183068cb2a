"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { itemsOf, outcomeOfBatch } from "@/components/assignments/batch-outcome";
import { momentInWords } from "@/components/ui/moment";
import type { Schedule } from "@/lib/domain/gate/schedule";
import { principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/visible-text";
import {
  assignRoles,
  assignRolesOperation,
  previewAssignRoles,
  rowsToAssign,
} from "@/lib/operations/assignments/assign-roles";
import { maximumRows } from "@/lib/operations/gate/run-batch";
import { application } from "@/lib/platform/application";
import { listRoles, searchPrincipals } from "@/lib/queries/assignments/role-members";
import { viewResource } from "@/lib/queries/resources/resources";
import { prepareChallenge, proofOf } from "@/lib/web/actions/step-up";
import { fieldErrorsOf, fieldsOf, optionalMoment, optionalText, stepUpFields } from "@/lib/web/form-fields";
import {
  type FormOutcome,
  type PreparedChallenge,
  type PreviewOutcome,
  refused,
  signedOutOutcome,
} from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";

const ids = (missing: string) =>
  z
    .string()
    .max(5_000)
    .transform((text) => [...new Set(text.split(",").filter(Boolean))])
    .pipe(z.array(z.uuid()).min(1, missing));
const shape = z
  .object({
    assignmentType: z.enum(["Eligible", "Active"]),
    resourceId: z.uuid(),
    roleDefinitionIds: ids("Choose at least one role."),
    principalIds: ids("Choose at least one member."),
    startsAt: optionalMoment,
    endsAt: optionalMoment,
    permanently: z.literal("on").optional(),
    justification: optionalText,
    ...stepUpFields,
  })
  .refine((value) => value.permanently || value.endsAt !== null, {
    path: ["endsAt"],
    message: "Choose an end, or Permanently.",
  })
  .refine((value) => rowsToAssign(value).length <= maximumRows, {
    path: ["principalIdsSearch"],
    message: `Choose fewer: at most ${maximumRows} assignments at once.`,
  })
  .transform(({ permanently, code, challengeId, proofId, ...input }) => ({
    input: { ...input, endsAt: permanently ? null : input.endsAt },
    stepUp: { code, challengeId, proofId },
  }));

/** What was wrong with a choice stands beside the field in which it was searched for. */
function besideSearch(error: z.ZodError): Record<string, string> {
  const { roleDefinitionIds, principalIds, ...rest } = fieldErrorsOf(error);
  return {
    ...rest,
    ...(roleDefinitionIds ? { roleDefinitionIdsSearch: roleDefinitionIds } : {}),
    ...(principalIds ? { principalIdsSearch: principalIds } : {}),
  };
}

/** The challenge that names every role and member. */
export async function prepareAssignments(form: FormData): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = shape.safeParse(fieldsOf(form));
  if (!caller || !parsed.success) return { ok: false, message: "Check the fields above." };
  return prepareChallenge(caller, assignRolesOperation(parsed.data.input));
}

/** What would become of every member's every role. */
export async function previewAssignments(form: FormData): Promise<PreviewOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = shape.safeParse(fieldsOf(form));
  if (!parsed.success)
    return refused("Check the fields marked above.", { fieldErrors: besideSearch(parsed.error) });
  const { input } = parsed.data;
  const preview = await previewAssignRoles(application().database, caller, input);
  const items = await itemsOf(preview.results, wordsFor(`Will be ${input.assignmentType.toLowerCase()}`));
  return { ok: true, needsCode: preview.needsCode, items };
}

/** Gives every member every role; the outcome says what became of each. */
export async function submitAssignments(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = shape.safeParse(fieldsOf(form));
  if (!parsed.success)
    return refused("Check the fields marked above.", { fieldErrors: besideSearch(parsed.error) });
  const { input, stepUp } = parsed.data;
  const proof = await proofOf(caller, stepUp);
  if (!proof.ok) return proof.outcome;
  const results = await assignRoles(application().database, caller, { ...input, proofId: proof.proofId });
  const outcome = await outcomeOfBatch(results, wordsFor(input.assignmentType), proof.proofId, {
    done: (count) => `${count} of ${results.length} assignments are made.`,
    nothing: "No assignment was made.",
  });
  if (outcome.ok) revalidatePath("/", "layout");
  return outcome;
}

function wordsFor(lead: string) {
  return async ({ schedule }: { schedule: Schedule }) => {
    const start = await momentInWords(schedule.startsAt);
    const end = schedule.endsAt
      ? `until ${await momentInWords(schedule.endsAt)}`
      : await momentInWords(schedule.endsAt);
    return `${lead} from ${start} ${end}.`;
  };
}

const search = z.object({
  resourceId: z.uuid(),
  text: z
    .string()
    .max(200)
    .transform((text) => text.replaceAll("\0", "").trim()),
});

/** Roles by name, for somebody who may assign at the resource; nothing for anybody else. */
export async function findRoles(resourceId: unknown, text: unknown) {
  const caller = await currentCaller();
  const parsed = search.safeParse({ resourceId, text });
  if (!caller || !parsed.success) return [];
  const { database } = application();
  const resource = await viewResource(database, caller, parsed.data.resourceId);
  if (!resource?.may.writeAssignment && !resource?.may.writeEligibility) return [];
  const roles = await listRoles(database, resource.id, { search: parsed.data.text, used: false, after: "" });
  return roles.slice(0, 20).map(({ id, roleName }) => ({ id, label: isolated(roleName), principal: null }));
}

/** Users and groups by name or address, likewise. */
export async function findMembers(resourceId: unknown, text: unknown) {
  const caller = await currentCaller();
  const parsed = search.safeParse({ resourceId, text });
  if (!caller || !parsed.success) return [];
  const { database } = application();
  const resource = await viewResource(database, caller, parsed.data.resourceId);
  if (!resource?.may.writeAssignment && !resource?.may.writeEligibility) return [];
  const found = await searchPrincipals(database, parsed.data.text);
  return found.map((principal) => ({ id: principal.id, label: principalText(principal), principal }));
}
