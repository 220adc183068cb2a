"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { isolated } from "@/lib/domain/visible-text";
import { createRoleDefinition } from "@/lib/operations/roles/create-role-definition";
import { deleteRoleDefinition } from "@/lib/operations/roles/delete-role-definition";
import {
  updateRoleDefinition,
  updateRoleDefinitionOperation,
} from "@/lib/operations/roles/update-role-definition";
import { application } from "@/lib/platform/application";
import { prepareChallenge, proofOf } from "@/lib/web/actions/step-up";
import { fieldErrorsOf, fieldsOf, optionalText, stepUpFields } from "@/lib/web/form-fields";
import {
  type FormOutcome,
  outcomeOf,
  type PreparedChallenge,
  refused,
  signedOutOutcome,
} from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";

/** One pattern or scope a line; empty lines are left out. */
const lines = z
  .string()
  .max(200_000, "This is too long.")
  .transform((text) => [
    ...new Set(
      text
        .split("\n")
        .map((line) => line.replaceAll("\0", "").trim())
        .filter(Boolean),
    ),
  ]);

const fields = {
  roleName: z.string().trim().max(1_000),
  description: z
    .string()
    .max(10_000, "Write less.")
    .transform((text) => text.replaceAll("\0", "").trim()),
  actions: lines,
  notActions: lines,
  dataActions: lines,
  notDataActions: lines,
  assignableScopes: lines,
};

type Fields = z.infer<z.ZodObject<typeof fields>>;

function definitionOf({ roleName, description, assignableScopes, ...rest }: Fields) {
  const { actions, notActions, dataActions, notDataActions } = rest;
  const permission = { actions, notActions, dataActions, notDataActions };
  return { roleName, description, permission, assignableScopes };
}

const creation = z.object({ resourceId: z.uuid(), ...fields });

/** Makes a custom role. */
export async function createRole(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = creation.safeParse(fieldsOf(form));
  if (!parsed.success)
    return refused("Check the fields marked above.", { fieldErrors: fieldErrorsOf(parsed.error) });
  const result = await createRoleDefinition(application().database, caller, definitionOf(parsed.data));
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/resources", "layout");
  const next = `/resources/${parsed.data.resourceId}/roles/${result.roleDefinitionId}/permissions`;
  return { ok: true, message: "The custom role is created.", next };
}

const edit = z.object({
  roleDefinitionId: z.uuid(),
  expectedVersion: z.coerce.number().int().min(0),
  justification: optionalText,
  ...fields,
  ...stepUpFields,
});

export async function prepareRole(form: FormData): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = edit.safeParse(fieldsOf(form));
  if (!caller || !parsed.success) return { ok: false, message: "Check the fields above." };
  const { roleDefinitionId, expectedVersion } = parsed.data;
  const definition = definitionOf(parsed.data);
  return prepareChallenge(
    caller,
    updateRoleDefinitionOperation({ roleDefinitionId, expectedVersion, definition }),
  );
}

/** Saves a custom role; widening one that is in use takes what assigning it would take. */
export async function saveRole(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = edit.safeParse(fieldsOf(form));
  if (!parsed.success)
    return refused("Check the fields marked above.", { fieldErrors: fieldErrorsOf(parsed.error) });
  const proof = await proofOf(caller, parsed.data);
  if (!proof.ok) return proof.outcome;
  const { roleDefinitionId, expectedVersion, justification } = parsed.data;
  const result = await updateRoleDefinition(application().database, caller, {
    roleDefinitionId,
    expectedVersion,
    definition: definitionOf(parsed.data),
    justification,
    proofId: proof.proofId,
  });
  if (!result.ok) return outcomeOf(result.error, proof.proofId);
  revalidatePath("/", "layout");
  return { ok: true, message: "The custom role is saved." };
}

const deletion = z.object({ roleDefinitionId: z.uuid(), justification: optionalText });

/** Deletes a custom role that nobody uses. */
export async function removeRole(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = deletion.safeParse(fieldsOf(form));
  if (!parsed.success) return refused("This role is not known.");
  const result = await deleteRoleDefinition(application().database, caller, parsed.data);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/resources", "layout");
  return { ok: true, message: `${isolated(result.roleName)} is deleted.` };
}
