"use server";

import { z } from "zod";
import { mailAddressField } from "@/lib/domain/people/mail-address-field";
import { displayNameField, externalIdField } from "@/lib/domain/people/principal";
import { isolated } from "@/lib/domain/text/visible-text";
import { momentText } from "@/lib/domain/time/moment-text";
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
import { changeIdentifiersOperation, updatePrincipal } from "@/lib/operations/people/update-principal";
import { searchMembers } from "@/lib/queries/people/person";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { formAction, provedAction } from "@/lib/web/actions/form-action";
import { lookup } from "@/lib/web/actions/lookup";
import {
  chosenIds,
  expectedVersion,
  knownId,
  optionalText,
  searchText,
  shownText,
} from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";
import { makeSignIn, signInKind } from "./new-sign-in";

/** Creates a user, group or service principal. A new user's sign-in is shown once. */
export const addPrincipal = formAction({
  shape: z.discriminatedUnion("type", [
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
  ]),
  async run({ caller, database }, fields) {
    const made =
      fields.type === "User" && fields.signIn !== "None" ? await makeSignIn(caller, fields.signIn) : null;
    const { type, displayName, externalId } = fields;
    const email = fields.type === "User" ? fields.email : null;
    const input = { type, displayName, email, externalId, signIn: made?.signIn ?? null };
    const result = await createPrincipal(database, caller, input);
    return result.ok ? { ...result, secret: made?.secret } : result;
  },
  done: ({ principalId, secret }, { displayName }) => ({
    ok: true,
    message: `${isolated(displayName)} is created.`,
    next: `/people/${principalId}`,
    ...(secret ? { secret } : {}),
  }),
});

const edited = z.object({
  principalId: knownId("principal"),
  expectedVersion,
  displayName: displayNameField,
  email: mailAddressField.optional(),
  externalId: externalIdField,
  /** As they were shown. The operation compares with what is stored. */
  shownEmail: shownText,
  shownExternalId: shownText,
  /** Only for a group. */
  shownName: shownText,
});

/** The challenge that names what identifies a principal now and afterwards. None if that does not change. */
export const prepareSave = challengeAction({
  shape: edited,
  operation: ({ principalId, displayName, email = null, externalId, ...shown }) =>
    changeIdentifiersOperation(
      principalId,
      { email: shown.shownEmail, externalId: shown.shownExternalId, groupName: shown.shownName },
      { email, externalId, groupName: shown.shownName && displayName },
    ),
});

/** Saves a principal's name, address and external id. */
export const savePrincipal = provedAction({
  shape: edited,
  run: ({ caller, database, proofId }, { email = null, ...fields }) =>
    updatePrincipal(database, caller, { ...fields, email, proofId }),
  done: () => "Saved.",
});

const target = z.object({ principalId: knownId("principal"), justification: optionalText });

/** Disables a principal. This ends their access and sessions immediately. */
export const disable = formAction({
  shape: target,
  run: ({ caller, database }, fields) => disablePrincipal(database, caller, fields),
  done: ({ endedSessions }) => `Disabled. Sessions ended: ${endedSessions}.`,
});

export const prepareEnable = challengeAction({
  shape: target,
  operation: ({ principalId }) => ({ kind: "EnablePrincipal", principalId }),
});
export const prepareSignIn = challengeAction({
  shape: target,
  operation: ({ principalId }) => ({ kind: "IssueSignIn", principalId }),
});
export const prepareReset = challengeAction({
  shape: target,
  operation: ({ principalId }) => ({ kind: "ResetAuthenticator", principalId }),
});

/** Enables a principal. The access that has not ended is in effect again. */
export const enable = provedAction({
  shape: target,
  run: ({ caller, database, proofId }, fields) => enablePrincipal(database, caller, { ...fields, proofId }),
  done: () => "Enabled.",
});

/** Issues a new sign-in that replaces the present one. It is shown once. */
export const submitSignIn = provedAction({
  shape: target.extend({ signIn: signInKind }),
  async run({ caller, database, proofId }, { signIn: kind, ...fields }) {
    const { signIn, secret } = await makeSignIn(caller, kind);
    const result = await issueSignIn(database, caller, { ...fields, signIn, proofId });
    return result.ok ? { ...result, secret } : result;
  },
  done: ({ secret }) => ({ ok: true, message: "The new sign-in is issued.", secret }),
});

/** Removes somebody's second factors, so that they can set up new ones. */
export const resetApp = provedAction({
  shape: target,
  run: ({ caller, database, proofId }, fields) =>
    resetAuthenticator(database, caller, { ...fields, proofId }),
  done: ({ waits }) =>
    waits === null
      ? "The second factors are reset."
      : waits.for === "hours"
        ? `The second factors are reset on ${momentText(waits.until)}, unless the person stops it.`
        : "The reset waits for a second administrator.",
});

const groupId = knownId("group");
const newMembers = z.object({
  groupId,
  memberIds: chosenIds(sentences.chooseMember, maximumNewMembers, "members"),
  justification: optionalText,
});

/** The challenge that names the members who will join. */
export const prepareMembers = challengeAction({ shape: newMembers, operation: addGroupMembersOperation });

/** Adds members to a group. They get its access. */
export const addMembers = provedAction({
  shape: newMembers,
  run: ({ caller, database, proofId }, fields) => addGroupMembers(database, caller, { ...fields, proofId }),
  done: ({ added }) => (added === 1 ? "The member is added." : `${added} members are added.`),
});

/** Removes a member from a group. */
export const removeMember = formAction({
  shape: z.object({ groupId, memberId: knownId("member"), justification: optionalText }),
  run: ({ caller, database }, fields) => removeGroupMember(database, caller, fields),
  done: () => "The member is removed.",
});

/** Principals who could join a group, by name or email. Empty for a caller who may not change groups. */
export const findMembers = lookup({
  shapes: z.tuple([z.uuid(), searchText]),
  none: [],
  find: ({ caller, database }, group, search) => searchMembers(database, caller, group, search),
});
