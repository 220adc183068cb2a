"use server";

import { z } from "zod";
import { nameField } from "@/lib/domain/people/principal";
import { filteredLists } from "@/lib/domain/preferences/saved-filter";
import { deleteFilter, renameFilter, saveFilter } from "@/lib/operations/preferences/keep-filter";
import { formAction } from "@/lib/web/actions/form-action";
import { knownId, unseen } from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";
import { filterQuery } from "@/lib/web/saved-filter";

const name = nameField(60, "Give the filter a name.");
const filterId = knownId("filter");

/** Saves the filter in a list's address by name. */
export const keepFilter = formAction({
  shape: z
    .object({
      list: unseen(z.enum(filteredLists), sentences.unreadable),
      name,
      query: unseen(z.string().max(5_000), sentences.unreadable),
    })
    .transform(({ query, ...rest }) => ({
      ...rest,
      query: filterQuery(rest.list, Object.fromEntries(new URLSearchParams(query))),
    })),
  run: ({ caller, database }, fields) => saveFilter(database, caller, fields),
  done: ({ replaced }) => (replaced ? "The filter is replaced." : "The filter is saved."),
});

/** Renames a filter. */
export const nameFilter = formAction({
  shape: z.object({ filterId, name }),
  run: ({ caller, database }, fields) => renameFilter(database, caller, fields),
  done: () => "The filter is renamed.",
});

/** Deletes a filter. */
export const dropFilter = formAction({
  shape: z.object({ filterId }),
  run: ({ caller, database }, fields) => deleteFilter(database, caller, fields.filterId),
  done: () => "The filter is deleted.",
});
