"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { setManager } from "@/lib/operations/people/set-manager";
import { application } from "@/lib/platform/application";
import { searchMembers } from "@/lib/queries/people/person";
import { fieldsOf } from "@/lib/web/form-fields";
import { type FormOutcome, outcomeOf, refused, signedOutOutcome } from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";

const choice = z.object({
  userId: z.uuid(),
  managerId: z.union([z.uuid(), z.literal("").transform(() => null)]),
});

/** Says who a user's manager is; an empty choice says that there is none. */
export async function saveManager(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = choice.safeParse(fieldsOf(form));
  if (!parsed.success) return refused("Choose one manager, or none.");
  const result = await setManager(application().database, caller, parsed.data);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/people", "layout");
  return { ok: true, message: "The manager is saved." };
}

/** Users who could be somebody's manager, by name or email; nothing for a caller who may not manage people. */
export async function findManagers(userId: unknown, search: unknown): Promise<NamedPrincipal[]> {
  const caller = await currentCaller();
  const parsed = z
    .object({ userId: z.uuid(), search: z.string().trim().min(1).max(200) })
    .safeParse({ userId, search });
  if (!caller || !parsed.success) return [];
  const text = parsed.data.search.replaceAll("\0", "");
  const found = await searchMembers(application().database, caller, parsed.data.userId, text);
  return found.filter((each) => each.type === "User").map((each) => ({ ...each, disabled: false }));
}
