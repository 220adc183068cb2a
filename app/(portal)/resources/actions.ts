"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { assignRole, assignRoleOperation, maximumPrincipals } from "@/lib/operations/assignments/assign-role";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { application } from "@/lib/platform/application";
import { searchPrincipals } from "@/lib/queries/assignments/role-members";
import { viewResource } from "@/lib/queries/resources/resources";
import { prepareChallenge, proofOf } from "@/lib/web/actions/step-up";
import { fieldErrorsOf, fieldsOf, optionalMoment, optionalText, stepUpFields } from "@/lib/web/form-fields";
import {
  type FormOutcome,
  outcomeOf,
  type PreparedChallenge,
  refused,
  signedOutOutcome,
} from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";

const flag = z
  .literal("on")
  .optional()
  .transform((value) => value === "on");

const assignmentShape = z
  .object({
    assignmentType: z.enum(["Eligible", "Active"]),
    roleDefinitionId: z.uuid(),
    resourceId: z.uuid(),
    principalIds: z
      .string()
      .transform((text) => text.split(",").filter(Boolean))
      .pipe(z.array(z.uuid()).min(1, "Choose at least one member.").max(maximumPrincipals)),
    startsAt: optionalMoment,
    endsAt: optionalMoment,
    permanently: flag,
    justification: optionalText,
    ...stepUpFields,
  })
  .refine((value) => value.permanently || value.endsAt !== null, {
    path: ["endsAtLocal"],
    message: "Choose an end, or Permanently.",
  });

function assignmentInput(form: FormData) {
  return assignmentShape
    .transform(({ code, challengeId, proofId, permanently, ...target }) => ({
      target: { ...target, endsAt: permanently ? null : target.endsAt },
      stepUp: { code, challengeId, proofId },
    }))
    .safeParse(fieldsOf(form));
}

export async function prepareAssignment(form: FormData): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = assignmentInput(form);
  if (!caller || !parsed.success) return { ok: false, message: "Check the fields above." };
  return prepareChallenge(caller, assignRoleOperation(parsed.data.target));
}

/** Makes members eligible, or assigns them directly. */
export async function addAssignments(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = assignmentInput(form);
  if (!parsed.success)
    return refused("Check the fields marked above.", { fieldErrors: fieldErrorsOf(parsed.error) });
  const proof = await proofOf(caller, parsed.data.stepUp);
  if (!proof.ok) return proof.outcome;
  const result = await assignRole(application().database, caller, {
    ...parsed.data.target,
    proofId: proof.proofId,
  });
  if (!result.ok) return outcomeOf(result.error, proof.proofId);
  revalidatePath("/", "layout");
  return {
    ok: true,
    message:
      result.requestIds.length === 1
        ? "The assignment is made."
        : `${result.requestIds.length} assignments are made.`,
  };
}

const removal = z.object({
  assignmentType: z.enum(["Eligible", "Active"]),
  id: z.uuid(),
  justification: optionalText,
});

/** Ends an eligible or active assignment at once. */
export async function endAssignment(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = removal.safeParse(fieldsOf(form));
  if (!parsed.success) return refused("This assignment is not known.");
  const result = await removeAssignment(application().database, caller, parsed.data);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return { ok: true, message: "The assignment is removed." };
}

/** Users and groups by name, for somebody who may assign at the resource; nothing for anybody else. */
export async function findPrincipals(resourceId: unknown, search: unknown) {
  const caller = await currentCaller();
  const parsed = z
    .object({ resourceId: z.uuid(), search: z.string().max(200) })
    .safeParse({ resourceId, search });
  if (!caller || !parsed.success) return [];
  const { database } = application();
  const resource = await viewResource(database, caller, parsed.data.resourceId);
  if (!resource?.may.writeAssignment && !resource?.may.writeEligibility) return [];
  return searchPrincipals(database, parsed.data.search);
}
