"use server";

import { z } from "zod";
import { typeIconNames } from "@/lib/domain/resources/own-type";
import { limits } from "@/lib/domain/text/limits";
import { isolated } from "@/lib/domain/text/visible-text";
import { addResourceType } from "@/lib/operations/resources/add-resource-type";
import { removeResourceType } from "@/lib/operations/resources/remove-resource-type";
import { updateResourceType } from "@/lib/operations/resources/update-resource-type";
import { formAction } from "@/lib/web/actions/form-action";
import { expectedVersion, unseen, withoutNul } from "@/lib/web/form-fields";
import { notKnown } from "@/lib/web/form-sentences";

const fields = z.object({
  displayName: z.string().max(limits.resourceTypeName).transform(withoutNul),
  icon: z.enum(typeIconNames),
});
const known = unseen(z.string().max(40), notKnown("type"));

/** Adds a type of resources. */
export const addType = formAction({
  shape: fields.extend({ segment: z.string().max(100).transform(withoutNul) }),
  run: ({ caller, database }, input) => addResourceType(database, caller, input),
  done: (_, { displayName }) => `The type ${isolated(displayName.trim())} is added.`,
});

/** Changes the name and icon of a type. */
export const saveType = formAction({
  shape: fields.extend({ segment: known, expectedVersion }),
  run: ({ caller, database }, input) => updateResourceType(database, caller, input),
  done: ({ displayName }) => `The type ${isolated(displayName)} is saved.`,
});

/** Removes a type that no resource has. */
export const removeType = formAction({
  shape: z.object({ segment: known }),
  run: ({ caller, database }, input) => removeResourceType(database, caller, input),
  done: ({ displayName }) => `The type ${isolated(displayName)} is removed.`,
});
