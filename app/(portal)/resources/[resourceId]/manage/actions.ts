"use server";

import { z } from "zod";
import { longestPathName } from "@/lib/domain/resources/own-path";
import { limits } from "@/lib/domain/text/limits";
import { isolated } from "@/lib/domain/text/visible-text";
import { addResource } from "@/lib/operations/resources/add-resource";
import { renameResource } from "@/lib/operations/resources/rename-resource";
import { formAction } from "@/lib/web/actions/form-action";
import { knownId, unseen, withoutNul } from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";

const name = z.string().max(limits.resourceName).transform(withoutNul);

/** Adds a resource below another one. */
export const add = formAction({
  shape: z.object({
    parentId: knownId("resource"),
    resourceType: z.string().max(200).transform(withoutNul),
    displayName: name,
    pathName: z
      .string()
      .max(2 * longestPathName)
      .transform((text) => withoutNul(text).trim() || null)
      .optional()
      .transform((text) => text ?? null),
  }),
  run: ({ caller, database }, fields) => addResource(database, caller, fields),
  done: ({ resourceId }, { displayName }) => ({
    ok: true,
    message: `${isolated(displayName.trim())} is added.`,
    next: `/resources/${resourceId}`,
  }),
});

/** Changes the name that people see. */
export const rename = formAction({
  shape: z.object({
    resourceId: knownId("resource"),
    expectedName: unseen(z.string().max(10_000), sentences.unreadable),
    displayName: name,
  }),
  run: ({ caller, database }, fields) => renameResource(database, caller, fields),
  done: ({ displayName }) => `It is now called ${isolated(displayName)}.`,
});
