"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { fieldsOf, optionalText, stepUpFields } from "@/lib/domain/form-fields";
import {
  type FormOutcome,
  outcomeOf,
  type PreparedChallenge,
  refused,
  signedOutOutcome,
} from "@/lib/domain/form-outcome";
import { currentCaller } from "@/lib/identity/request";
import { prepareChallenge, proofOf } from "@/lib/identity/step-up-request";
import { applyImport, applyImportOperation } from "@/lib/operations/apply-import";
import { discardImport } from "@/lib/operations/discard-import";
import { application } from "@/lib/platform/application";
import { viewImport } from "@/lib/queries/imports";

/** What became of one batch, and how many rows are left. */
export interface ImportStep {
  readonly outcome: FormOutcome;
  readonly left: number;
}

const shape = z.object({ importId: z.uuid(), justification: optionalText, ...stepUpFields });

export async function prepareImport(form: FormData): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = shape.safeParse(fieldsOf(form));
  if (!caller || !parsed.success) return { ok: false, message: "Check the fields above." };
  const found = await viewImport(application().database, caller, parsed.data.importId);
  if (!found) return { ok: false, message: "This import is not known." };
  return prepareChallenge(caller, applyImportOperation(found));
}

/** Applies the next batch of an import. The page calls it until nothing is left. */
export async function applyBatch(form: FormData): Promise<ImportStep> {
  const caller = await currentCaller();
  if (!caller) return { outcome: signedOutOutcome, left: 0 };
  const parsed = shape.safeParse(fieldsOf(form));
  if (!parsed.success) return { outcome: refused("This import is not known."), left: 0 };
  const proof = await proofOf(caller, parsed.data);
  if (!proof.ok) return { outcome: proof.outcome, left: 0 };
  const input = { ...parsed.data, proofId: proof.proofId };
  const result = await applyImport(application().database, caller, input);
  if (!result.ok) return { outcome: outcomeOf(result.error, proof.proofId), left: 0 };
  if (result.left === 0) revalidatePath("/", "layout");
  return { outcome: { ok: true, message: "The import is applied." }, left: result.left };
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
