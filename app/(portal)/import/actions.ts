"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { confirmImport } from "@/lib/operations/imports/confirm-import";
import { discardImport } from "@/lib/operations/imports/discard-import";
import { applyImportOperation } from "@/lib/operations/imports/load-import";
import { application } from "@/lib/platform/application";
import { viewImport } from "@/lib/queries/imports/imports";
import { prepareChallenge, proofOf } from "@/lib/web/actions/step-up";
import { fieldsOf, optionalText, stepUpFields } from "@/lib/web/form-fields";
import {
  type FormOutcome,
  outcomeOf,
  type PreparedChallenge,
  refused,
  signedOutOutcome,
} from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";

const shape = z.object({ importId: z.uuid(), justification: optionalText, ...stepUpFields });

export async function prepareImport(form: FormData): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = shape.safeParse(fieldsOf(form));
  if (!caller || !parsed.success) return { ok: false, message: "Check the fields above." };
  const found = await viewImport(application().database, caller, parsed.data.importId);
  if (!found) return { ok: false, message: "This import is not known." };
  return prepareChallenge(caller, applyImportOperation(found));
}

/** Confirms an import: the worker applies it from then on. */
export async function confirm(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = shape.safeParse(fieldsOf(form));
  if (!parsed.success) return refused("This import is not known.");
  const { importId, justification, ...stepUp } = parsed.data;
  const proof = await proofOf(caller, stepUp);
  if (!proof.ok) return proof.outcome;
  const result = await confirmImport(application().database, caller, {
    importId,
    justification,
    proofId: proof.proofId,
  });
  if (!result.ok) return outcomeOf(result.error, proof.proofId);
  revalidatePath("/import", "layout");
  return { ok: true, message: "The import is confirmed and goes on by itself." };
}

/** Ends an import that is not finished. */
export async function discard(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const id = z.uuid().safeParse(fieldsOf(form).importId);
  if (!id.success) return refused("This import is not known.");
  const result = await discardImport(application().database, caller, id.data);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/import", "layout");
  return { ok: true, message: "The import is discarded." };
}
