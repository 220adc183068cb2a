"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import { provisionRequest, provisionRequestOperation } from "@/lib/operations/requests/provision-request";
import { application } from "@/lib/platform/application";
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

const shape = z.object({ requestId: z.uuid(), justification: optionalText });

/** Cancels a request that still waits: the caller's own, or one at a scope where they may assign roles. */
export async function cancel(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = shape.safeParse(fieldsOf(form));
  if (!parsed.success) return refused("This request is not known.");
  const result = await cancelRequest(application().database, caller, parsed.data);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return { ok: true, message: "The request is canceled." };
}

const approved = z.object({ requestId: z.uuid().toLowerCase(), ...stepUpFields });

/** The challenge that describes the approved activation about to be taken up. */
export async function prepareProvisioning(form: FormData): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = approved.safeParse(fieldsOf(form));
  if (!caller || !parsed.success) return { ok: false, message: "This request is not known." };
  return prepareChallenge(caller, provisionRequestOperation(parsed.data.requestId));
}

/** Takes up what was approved for the caller, with the code typed in the same dialog. */
export async function provision(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = approved.safeParse(fieldsOf(form));
  if (!parsed.success) return refused("This request is not known.");
  const { requestId, ...fields } = parsed.data;
  const proof = await proofOf(caller, fields);
  if (!proof.ok) return proof.outcome;
  const result = await provisionRequest(application().database, caller, {
    requestId,
    proofId: proof.proofId,
  });
  if (!result.ok) return outcomeOf(result.error, proof.proofId);
  revalidatePath("/", "layout");
  const message =
    result.status === "Provisioned" ? "The role is active now." : "The activation is scheduled.";
  return { ok: true, message };
}
