"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { fieldErrorsOf, fieldsOf, optionalText, stepUpFields } from "@/lib/domain/form-fields";
import {
  type FormOutcome,
  outcomeOf,
  type PreparedChallenge,
  refused,
  signedOutOutcome,
} from "@/lib/domain/form-outcome";
import {
  displayNameField,
  emailField,
  externalIdField,
  invitationDays,
  oneTimePasswordDays,
} from "@/lib/domain/principal";
import type { ProtectedOperation } from "@/lib/domain/protected-operation";
import { makeOneTimePassword, makeToken } from "@/lib/identity/password-ticket";
import { currentCaller } from "@/lib/identity/request";
import { prepareChallenge, proofOf } from "@/lib/identity/step-up-request";
import {
  addGroupMembers,
  addGroupMembersOperation,
  maximumNewMembers,
} from "@/lib/operations/add-group-members";
import { createPrincipal } from "@/lib/operations/create-principal";
import { disablePrincipal } from "@/lib/operations/disable-principal";
import { enablePrincipal } from "@/lib/operations/enable-principal";
import { issueSignIn, type NewSignIn } from "@/lib/operations/issue-sign-in";
import { removeGroupMember } from "@/lib/operations/remove-group-member";
import { resetAuthenticator } from "@/lib/operations/reset-authenticator";
import { updatePrincipal } from "@/lib/operations/update-principal";
import { application } from "@/lib/platform/application";
import { searchMembers } from "@/lib/queries/person";

const checkFields = "Check the fields marked above.";
const unprepared: PreparedChallenge = { ok: false, message: "Check the fields above." };
const signInKind = z.enum(["OneTimePassword", "Invitation"]);

/** A sign-in to give out: what is stored of it, and what is shown once. */
async function makeSignIn(kind: z.infer<typeof signInKind>) {
  if (kind === "OneTimePassword") {
    const { password, passwordHash } = await makeOneTimePassword();
    const hint = `Good for ${oneTimePasswordDays} days, for choosing another at the first sign-in. It is shown only now: hand it over safely.`;
    const signIn: NewSignIn = { kind, passwordHash };
    return { signIn, secret: { label: "One-time password", value: password, hint } };
  }
  const { token, tokenHash } = makeToken();
  const value = `${application().configuration.publicUrl}/choose-password?token=${token}`;
  const hint = `Good once, within ${invitationDays} days, for choosing a password. It is shown only now: hand it over safely.`;
  const signIn: NewSignIn = { kind, tokenHash };
  return { signIn, secret: { label: "Invitation link", value, hint } };
}

const creation = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("User"),
    displayName: displayNameField,
    email: emailField,
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
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = creation.safeParse(fieldsOf(form));
  if (!parsed.success) return refused(checkFields, { fieldErrors: fieldErrorsOf(parsed.error) });
  const { data } = parsed;
  const made = data.type === "User" && data.signIn !== "None" ? await makeSignIn(data.signIn) : null;
  const result = await createPrincipal(application().database, caller, {
    type: data.type,
    displayName: data.displayName,
    email: data.type === "User" ? data.email : null,
    externalId: data.externalId,
    signIn: made?.signIn ?? null,
  });
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/people", "layout");
  return {
    ok: true,
    message: `${data.displayName} is created.`,
    next: `/people/${result.principalId}`,
    ...(made ? { secret: made.secret } : {}),
  };
}

const edit = z.object({
  principalId: z.uuid(),
  expectedVersion: z.coerce.number().int().min(0),
  displayName: displayNameField,
  email: emailField.optional(),
  externalId: externalIdField,
});

/** Saves a principal's name, address and external id. */
export async function savePrincipal(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = edit.safeParse(fieldsOf(form));
  if (!parsed.success) return refused(checkFields, { fieldErrors: fieldErrorsOf(parsed.error) });
  const input = { ...parsed.data, email: parsed.data.email ?? null };
  const result = await updatePrincipal(application().database, caller, input);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/people", "layout");
  return { ok: true, message: "Saved." };
}

const target = z.object({ principalId: z.uuid(), justification: optionalText, ...stepUpFields });
const malformed = refused("This form was not understood. Open the page anew.");

/** Disables a principal, which ends their access and sessions at once. */
export async function disable(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = target.safeParse(fieldsOf(form));
  if (!parsed.success) return malformed;
  const result = await disablePrincipal(application().database, caller, parsed.data);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return { ok: true, message: `Disabled. Sessions ended: ${result.endedSessions}.` };
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
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = target.safeParse(fieldsOf(form));
  if (!parsed.success) return malformed;
  const proof = await proofOf(caller, parsed.data);
  if (!proof.ok) return proof.outcome;
  const input = { ...parsed.data, proofId: proof.proofId };
  const result = await enablePrincipal(application().database, caller, input);
  if (!result.ok) return outcomeOf(result.error, proof.proofId);
  revalidatePath("/", "layout");
  return { ok: true, message: "Enabled." };
}

/** Gives a user a new sign-in in place of the one they have; it is shown this once. */
export async function giveSignIn(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = target.extend({ signIn: signInKind }).safeParse(fieldsOf(form));
  if (!parsed.success) return malformed;
  const proof = await proofOf(caller, parsed.data);
  if (!proof.ok) return proof.outcome;
  const { signIn, secret } = await makeSignIn(parsed.data.signIn);
  const input = { ...parsed.data, signIn, proofId: proof.proofId };
  const result = await issueSignIn(application().database, caller, input);
  if (!result.ok) return outcomeOf(result.error, proof.proofId);
  revalidatePath("/people", "layout");
  return { ok: true, message: "The new sign-in is issued.", secret };
}

/** Removes somebody's authenticator app, so that they can set up a new one. */
export async function resetApp(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = target.safeParse(fieldsOf(form));
  if (!parsed.success) return malformed;
  const proof = await proofOf(caller, parsed.data);
  if (!proof.ok) return proof.outcome;
  const input = { ...parsed.data, proofId: proof.proofId };
  const result = await resetAuthenticator(application().database, caller, input);
  if (!result.ok) return outcomeOf(result.error, proof.proofId);
  revalidatePath("/people", "layout");
  return { ok: true, message: "The authenticator app is reset." };
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
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = newMembers.safeParse(fieldsOf(form));
  if (!parsed.success) return refused(checkFields, { fieldErrors: fieldErrorsOf(parsed.error) });
  const proof = await proofOf(caller, parsed.data);
  if (!proof.ok) return proof.outcome;
  const input = { ...parsed.data, proofId: proof.proofId };
  const result = await addGroupMembers(application().database, caller, input);
  if (!result.ok) return outcomeOf(result.error, proof.proofId);
  revalidatePath("/", "layout");
  return {
    ok: true,
    message: result.added === 1 ? "The member is added." : `${result.added} members are added.`,
  };
}

const membership = z.object({ groupId: z.uuid(), memberId: z.uuid(), justification: optionalText });

/** Takes a member out of a group. */
export async function removeMember(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = membership.safeParse(fieldsOf(form));
  if (!parsed.success) return malformed;
  const result = await removeGroupMember(application().database, caller, parsed.data);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return { ok: true, message: "The member is removed." };
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
