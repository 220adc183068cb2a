"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { mailDomainsOf } from "@/lib/domain/notifications/allowed-mail-domains";
import {
  updateOrganisation,
  updateOrganisationOperation,
} from "@/lib/operations/notifications/update-organisation";
import { application } from "@/lib/platform/application";
import { prepareChallenge, proofOf } from "@/lib/web/actions/step-up";
import { fieldsOf, stepUpFields } from "@/lib/web/form-fields";
import {
  type FormOutcome,
  outcomeOf,
  type PreparedChallenge,
  refused,
  signedOutOutcome,
} from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";

const shape = z.object({
  expectedVersion: z.coerce.number().int().min(0),
  allowedMailDomains: z.string().max(20_000).transform(mailDomainsOf),
  ...stepUpFields,
});

export async function prepareOrganisation(form: FormData): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = shape.safeParse(fieldsOf(form));
  if (!caller || !parsed.success) return { ok: false, message: "Check the fields above." };
  return prepareChallenge(caller, updateOrganisationOperation(parsed.data));
}

/** Saves the allowed mail domains; it always takes a code. */
export async function saveOrganisation(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = shape.safeParse(fieldsOf(form));
  if (!parsed.success) return refused("Check the fields above.");
  const { expectedVersion, allowedMailDomains, ...stepUp } = parsed.data;
  const proof = await proofOf(caller, stepUp);
  if (!proof.ok) return proof.outcome;
  const result = await updateOrganisation(application().database, caller, {
    expectedVersion,
    allowedMailDomains,
    proofId: proof.proofId,
  });
  if (!result.ok) return outcomeOf(result.error, proof.proofId);
  revalidatePath("/organisation");
  return { ok: true, message: "The allowed mail domains are saved." };
}
