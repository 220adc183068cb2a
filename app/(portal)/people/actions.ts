"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { mailAddressField } from "@/lib/domain/people/mail-address";
import { displayNameField, externalIdField } from "@/lib/domain/people/principal";
import { isolated } from "@/lib/domain/visible-text";
import { busyMessage } from "@/lib/identity/sign-in-turns";
import {
  addGroupMembers,
  addGroupMembersOperation,
  maximumNewMembers,
} from "@/lib/operations/people/add-group-members";
import { createPrincipal } from "@/lib/operations/people/create-principal";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { issueSignIn } from "@/lib/operations/people/issue-sign-in";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import { resetAuthenticator } from "@/lib/operations/people/reset-authenticator";
import { updatePrincipal } from "@/lib/operations/people/update-principal";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { unlessBusy } from "@/lib/platform/concurrency-limit";
import { searchMembers } from "@/lib/queries/people/person";
import { prepareChallenge, proofOf } from "@/lib/web/actions/step-up";
import { fieldErrorsOf, fieldsOf, optionalText, stepUpFields } from "@/lib/web/form-fields";
import {
  type FormOutcome,
  outcomeOf,
  type PreparedChallenge,
  refused,
  signedOutOutcome,
} from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";
import { makeSignIn, signInKind } from "./new-sign-in";

const unprepared: PreparedChallenge = { ok: false, message: "Check the fields above." };

type Success = Extract<FormOutcome, { ok: true }>;
/** Fields that nobody sees: a form with one of these wrong is none that this portal made. */
const hiddenFields = new Set(["principalId", "groupId", "memberId", "expectedVersion"]);

/**
 * What every form here goes through: who asks, what the form says, its proof where it carries one, the change, and what
 * the form is told of it.
 */
async function change<Fields extends object, Done extends object>(
  form: FormData,
  shape: z.ZodType<Fields>,
  run: (caller: Caller, input: Fields & { proofId: string | null }) => Promise<OperationResult<Done>>,
  told: (done: Done) => string | Success,
): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = shape.safeParse(fieldsOf(form));
  if (!parsed.success) {
    const fieldErrors = fieldErrorsOf(parsed.error);
    return Object.keys(fieldErrors).some((name) => hiddenFields.has(name))
      ? refused("This form was not understood. Open the page anew.")
      : refused("Check the fields marked above.", { fieldErrors });
  }
  const proof = await proofOf(caller, { code: null, challengeId: null, proofId: null, ...parsed.data });
  if (!proof.ok) return proof.outcome;
  const result = await unlessBusy(() => run(caller, { ...parsed.data, proofId: proof.proofId }), null);
  if (result === null) return refused(busyMessage, { proofId: proof.proofId });
  if (!result.ok) return outcomeOf(result.error, proof.proofId);
  revalidatePath("/", "layout");
  const words = told(result);
  return typeof words === "string" ? { ok: true, message: words } : words;
}

const creation = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("User"),
    displayName: displayNameField,
    email: mailAddressField,
    externalId: externalIdField,
    signIn: z.union([signInKind, z.literal("None")], "Choose how they first sign in."),
  }),
  z.object({
    type: z.enum(["Group", "ServicePrincipal"]),
    displayName: displayNameField,
    externalId: externalIdField,
  }),
]);

/** Makes a user, group or service principal; a new user's sign-in is shown this once. */
export async function addPrincipal(form: FormData): Promise<FormOutcome> {
  return change(
    form,
    creation,
    async (caller, data) => {
      const made =
        data.type === "User" && data.signIn !== "None" ? await makeSignIn(caller, data.signIn) : null;
      const { type, displayName, externalId } = data;
      const email = data.type === "User" ? data.email : null;
      const input = { type, displayName, email, externalId, signIn: made?.signIn ?? null };
      const result = await createPrincipal(application().database, caller, input);
      return result.ok ? { ...result, displayName, secret: made?.secret } : result;
    },
    ({ displayName, principalId, secret }) => ({
      ok: true,
      message: `${isolated(displayName)} is created.`,
      next: `/people/${principalId}`,
      ...(secret ? { secret } : {}),
    }),
  );
}

const edit = z.object({
  principalId: z.uuid(),
  expectedVersion: z.coerce.number().int().min(0),
  displayName: displayNameField,
  email: mailAddressField.optional(),
  externalId: externalIdField,
});

/** Saves a principal's name, address and external id. */
export async function savePrincipal(form: FormData): Promise<FormOutcome> {
  return change(
    form,
    edit,
    (caller, { email = null, ...input }) =>
      updatePrincipal(application().database, caller, { ...input, email }),
    () => "Saved.",
  );
}

const target = z.object({ principalId: z.uuid(), justification: optionalText, ...stepUpFields });

/** Disables a principal, which ends their access and sessions at once. */
export async function disable(form: FormData): Promise<FormOutcome> {
  return change(
    form,
    target,
    (caller, input) => disablePrincipal(application().database, caller, input),
    ({ endedSessions }) => `Disabled. Sessions ended: ${endedSessions}.`,
  );
}

async function prepareFor(
  form: FormData,
  kind: "EnablePrincipal" | "IssueSignIn" | "ResetAuthenticator",
): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = target.safeParse(fieldsOf(form));
  if (!caller || !parsed.success) return unprepared;
  return prepareChallenge(caller, { kind, principalId: parsed.data.principalId });
}

export async function prepareEnable(form: FormData): Promise<PreparedChallenge> {
  return prepareFor(form, "EnablePrincipal");
}
export async function prepareSignIn(form: FormData): Promise<PreparedChallenge> {
  return prepareFor(form, "IssueSignIn");
}
export async function prepareReset(form: FormData): Promise<PreparedChallenge> {
  return prepareFor(form, "ResetAuthenticator");
}

/** Enables a principal, which gives back the access that it still has. */
export async function enable(form: FormData): Promise<FormOutcome> {
  return change(
    form,
    target,
    (caller, input) => enablePrincipal(application().database, caller, input),
    () => "Enabled.",
  );
}

/** Gives a user a new sign-in in place of the one they have; it is shown this once. */
export async function submitSignIn(form: FormData): Promise<FormOutcome> {
  return change(
    form,
    target.extend({ signIn: signInKind }),
    async (caller, { signIn: kind, ...input }) => {
      const { signIn, secret } = await makeSignIn(caller, kind);
      const result = await issueSignIn(application().database, caller, { ...input, signIn });
      return result.ok ? { ...result, secret } : result;
    },
    ({ secret }) => ({ ok: true, message: "The new sign-in is issued.", secret }),
  );
}

/** Removes somebody's authenticator app, so that they can set up a new one. */
export async function resetApp(form: FormData): Promise<FormOutcome> {
  return change(
    form,
    target,
    (caller, input) => resetAuthenticator(application().database, caller, input),
    () => "The authenticator app is reset.",
  );
}

const newMembers = z.object({
  groupId: z.uuid(),
  memberIds: z
    .string()
    .transform((text) => text.split(",").filter(Boolean))
    .pipe(z.array(z.uuid()).min(1, "Choose at least one member.").max(maximumNewMembers)),
  justification: optionalText,
  ...stepUpFields,
});

export async function prepareMembers(form: FormData): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = newMembers.safeParse(fieldsOf(form));
  if (!caller || !parsed.success) return unprepared;
  const operation: ProtectedOperation = addGroupMembersOperation(parsed.data);
  return prepareChallenge(caller, operation);
}

/** Adds members to a group, which gives them its access. */
export async function addMembers(form: FormData): Promise<FormOutcome> {
  return change(
    form,
    newMembers,
    (caller, input) => addGroupMembers(application().database, caller, input),
    ({ added }) => (added === 1 ? "The member is added." : `${added} members are added.`),
  );
}

const membership = z.object({ groupId: z.uuid(), memberId: z.uuid(), justification: optionalText });

/** Takes a member out of a group. */
export async function removeMember(form: FormData): Promise<FormOutcome> {
  return change(
    form,
    membership,
    (caller, input) => removeGroupMember(application().database, caller, input),
    () => "The member is removed.",
  );
}

/** PostgreSQL knows no NUL in text. */
const searchText = z
  .string()
  .max(200)
  .transform((text) => text.replaceAll("\0", ""));

/** Who could join a group, by name or email; nothing for a caller who may not change groups. */
export async function findMembers(groupId: unknown, search: unknown) {
  const caller = await currentCaller();
  const parsed = z.object({ groupId: z.uuid(), search: searchText }).safeParse({ groupId, search });
  if (!caller || !parsed.success) return [];
  return searchMembers(application().database, caller, parsed.data.groupId, parsed.data.search);
}
