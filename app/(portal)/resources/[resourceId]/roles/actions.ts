"use server";

import { z } from "zod";
import { isolated } from "@/lib/domain/text/visible-text";
import { createRoleDefinition } from "@/lib/operations/roles/create-role-definition";
import { deleteRoleDefinition } from "@/lib/operations/roles/delete-role-definition";
import {
  updateRoleDefinition,
  updateRoleDefinitionOperation,
} from "@/lib/operations/roles/update-role-definition";
import { viewResource } from "@/lib/queries/resources/resources";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { formAction, provedAction } from "@/lib/web/actions/form-action";
import { lookup } from "@/lib/web/actions/lookup";
import { expectedVersion, knownId, optionalText, searchText, withoutNul } from "@/lib/web/form-fields";
import { actionChoices } from "./action-choices";

/** One pattern or scope a line. Empty lines are left out. */
const lines = z
  .string()
  .max(200_000, "This is too long.")
  .transform((text) => [
    ...new Set(
      text
        .split("\n")
        .map((line) => withoutNul(line).trim())
        .filter(Boolean),
    ),
  ]);

const definition = z
  .object({
    roleName: z.string().trim().max(1_000),
    description: z
      .string()
      .max(10_000, "Write less.")
      .transform((text) => withoutNul(text).trim()),
    actions: lines,
    notActions: lines,
    dataActions: lines,
    notDataActions: lines,
    assignableScopes: lines,
  })
  .transform(({ roleName, description, assignableScopes, ...permission }) => ({
    definition: { roleName, description, permission, assignableScopes },
  }));

/** Creates a custom role. */
export const createRole = formAction({
  shape: z.object({ resourceId: knownId("resource") }).and(definition),
  run: ({ caller, database }, fields) => createRoleDefinition(database, caller, fields.definition),
  done: ({ roleDefinitionId }, { resourceId }) => ({
    ok: true,
    message: "The custom role is created.",
    next: `/resources/${resourceId}/roles/${roleDefinitionId}/permissions`,
  }),
});

const edit = z
  .object({ roleDefinitionId: knownId("role"), expectedVersion, justification: optionalText })
  .and(definition);

/** The challenge that describes the edit of a custom role. */
export const prepareRole = challengeAction({ shape: edit, operation: updateRoleDefinitionOperation });

/** Saves a custom role. Widening one that is in use requires what assigning it would. */
export const saveRole = provedAction({
  shape: edit,
  run: ({ caller, database, proofId }, fields) =>
    updateRoleDefinition(database, caller, { ...fields, proofId }),
  done: () => "The custom role is saved.",
});

/** Deletes a custom role that nobody uses. */
export const removeRole = formAction({
  shape: z.object({ roleDefinitionId: knownId("role"), justification: optionalText }),
  run: ({ caller, database }, fields) => deleteRoleDefinition(database, caller, fields),
  done: ({ roleName }) => `${isolated(roleName)} is deleted.`,
});

/** Actions of roles that can be assigned at a resource. Empty for a caller who may not write custom roles there. */
export const findActions = lookup({
  shapes: z.tuple([z.uuid(), searchText]),
  none: [],
  async find({ caller, database }, resourceId, search) {
    const resource = await viewResource(database, caller, resourceId);
    return resource?.may.writeRoleDefinitions ? actionChoices(database, resource.id, search) : [];
  },
});
