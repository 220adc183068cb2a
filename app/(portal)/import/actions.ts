"use server";

import { z } from "zod";
import { confirmImport } from "@/lib/operations/imports/confirm-import";
import { discardImport } from "@/lib/operations/imports/discard-import";
import { applyImportOperation } from "@/lib/operations/imports/load-import";
import { viewImport } from "@/lib/queries/imports/imports";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { formAction, provedAction } from "@/lib/web/actions/form-action";
import { knownId, optionalText } from "@/lib/web/form-fields";

const importId = knownId("import");
const shape = z.object({ importId, justification: optionalText });

/** The challenge that describes what the import will do. */
export const prepareImport = challengeAction({
  shape,
  async operation(fields, { caller, database }) {
    const found = await viewImport(database, caller, fields.importId);
    return found && applyImportOperation(found);
  },
});

/** Confirms an import: the worker applies it from then on. */
export const confirm = provedAction({
  shape,
  run: ({ caller, database, proofId }, fields) => confirmImport(database, caller, { ...fields, proofId }),
  done: () => "The import is confirmed and continues by itself.",
});

/** Ends an import that is not finished. */
export const discard = formAction({
  shape: z.object({ importId }),
  run: ({ caller, database }, fields) => discardImport(database, caller, fields.importId),
  done: () => "The import is discarded.",
});
