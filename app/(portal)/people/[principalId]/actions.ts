"use server";

import { z } from "zod";
import { setManager } from "@/lib/operations/people/set-manager";
import { searchMembers } from "@/lib/queries/people/person";
import { formAction } from "@/lib/web/actions/form-action";
import { lookup } from "@/lib/web/actions/lookup";
import { knownId, searchText } from "@/lib/web/form-fields";

/** Sets a user's manager. Empty: none. */
export const saveManager = formAction({
  shape: z.object({
    userId: knownId("user"),
    managerId: z.union([z.uuid(), z.literal("").transform(() => null)], "Choose one manager, or none."),
  }),
  run: ({ caller, database }, fields) => setManager(database, caller, fields),
  done: () => "The manager is saved.",
});

/** Users who could be a manager, by name or email. Empty for a caller who may not manage people. */
export const findManagers = lookup({
  shapes: z.tuple([z.uuid(), searchText.pipe(z.string().min(1))]),
  none: [],
  async find({ caller, database }, userId, text) {
    const found = await searchMembers(database, caller, userId, text);
    return found.filter((each) => each.type === "User").map((each) => ({ ...each, disabled: false }));
  },
});
