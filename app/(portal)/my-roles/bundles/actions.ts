"use server";

import { z } from "zod";
import { mostAtOnce } from "@/lib/domain/gate/activations-together";
import { nameField } from "@/lib/domain/people/principal";
import { longestBundleName } from "@/lib/domain/preferences/bundle";
import {
  addToBundle as add,
  changeBundle as change,
  createBundle,
  deleteBundle,
} from "@/lib/operations/preferences/keep-bundle";
import { bundleToActivate, ownBundles } from "@/lib/queries/preferences/bundles";
import { formAction } from "@/lib/web/actions/form-action";
import { lookup } from "@/lib/web/actions/lookup";
import { chosenIds, expectedVersion, knownId, unseen } from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";

const name = nameField(longestBundleName, "Give the bundle a name.");
const bundleId = knownId("bundle");
const eligibilityIds = chosenIds(sentences.chooseRole, mostAtOnce, "roles");

/** Saves selected roles as a bundle. */
export const saveBundle = formAction({
  shape: z.object({ name, eligibilityIds }),
  run: ({ caller, database }, fields) => createBundle(database, caller, fields),
  done: () => "The bundle is saved. Activate it from Home, from Bundles or from the search.",
});

/** Adds selected roles to a bundle. */
export const addToBundle = formAction({
  shape: z.object({ bundleId, eligibilityIds }),
  run: ({ caller, database }, fields) => add(database, caller, fields),
  done: ({ added }) =>
    added === 0
      ? "The bundle already has these roles."
      : `${added} ${added === 1 ? "role is" : "roles are"} added to the bundle.`,
});

/** Renames a bundle and removes roles from it. */
export const changeBundle = formAction({
  shape: z.object({
    bundleId,
    expectedVersion,
    name,
    keep: unseen(z.array(z.uuid().toLowerCase()).max(mostAtOnce).optional(), sentences.unreadable),
  }),
  lists: ["keep"],
  run: ({ caller, database }, { keep = [], ...fields }) => change(database, caller, { ...fields, keep }),
  done: () => "The bundle is saved.",
  // If the form is older than the bundle, the answer shows what is in it now.
  refresh: () => true,
});

/** Deletes a bundle. */
export const dropBundle = formAction({
  shape: z.object({ bundleId }),
  run: ({ caller, database }, fields) => deleteBundle(database, caller, fields.bundleId),
  done: () => "The bundle is deleted.",
});

/** The names of the caller's bundles. */
export const readBundles = lookup({
  shapes: z.tuple([]),
  none: [],
  find: ({ caller, database }) => ownBundles(database, caller),
});

/** A bundle at this moment, with the conditions for each of its roles. */
export const readBundle = lookup({
  shapes: z.tuple([z.uuid()]),
  none: null,
  find: ({ caller, database }, id) => bundleToActivate(database, caller, id),
});
