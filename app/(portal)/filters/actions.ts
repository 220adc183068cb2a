"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { nameField } from "@/lib/domain/people/principal";
import { filteredLists } from "@/lib/domain/preferences/saved-filter";
import { deleteFilter, renameFilter, saveFilter } from "@/lib/operations/preferences/keep-filter";
import { application } from "@/lib/platform/application";
import { fieldErrorsOf, fieldsOf } from "@/lib/web/form-fields";
import { type FormOutcome, outcomeOf, refused, signedOutOutcome } from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";
import { filterQuery } from "@/lib/web/saved-filter";

const list = z.enum(filteredLists);
const name = nameField(60, "Give the filter a name.");

/** Keeps the filter of a list's address by name; of the address only what filters that list. */
export async function keepFilter(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = z.object({ list, name, query: z.string().max(5_000) }).safeParse(fieldsOf(form));
  if (!parsed.success) return refused("Check the name.", { fieldErrors: fieldErrorsOf(parsed.error) });
  const query = filterQuery(parsed.data.list, Object.fromEntries(new URLSearchParams(parsed.data.query)));
  const result = await saveFilter(application().database, caller, { ...parsed.data, query });
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return { ok: true, message: result.replaced ? "The filter is replaced." : "The filter is saved." };
}

export async function nameFilter(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = z.object({ filterId: z.uuid(), name }).safeParse(fieldsOf(form));
  if (!parsed.success) return refused("Check the name.", { fieldErrors: fieldErrorsOf(parsed.error) });
  const result = await renameFilter(application().database, caller, parsed.data);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return { ok: true, message: "The filter is renamed." };
}

export async function dropFilter(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const filterId = z.uuid().safeParse(fieldsOf(form).filterId);
  if (!filterId.success) return refused("This filter is not known.");
  const result = await deleteFilter(application().database, caller, filterId.data);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return { ok: true, message: "The filter is deleted." };
}
