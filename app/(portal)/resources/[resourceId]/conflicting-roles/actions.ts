"use server";

import { z } from "zod";
import type { Choice } from "@/components/assignments/multi-select";
import { momentInWords } from "@/components/ui/moment";
import { principalText } from "@/lib/domain/people/principal-identity";
import { conflictLimits } from "@/lib/domain/roles/conflict-rule";
import { isolated } from "@/lib/domain/text/visible-text";
import {
  approveConflictException,
  approveConflictExceptionOperation,
} from "@/lib/operations/roles/approve-conflict-exception";
import { createConflictRule } from "@/lib/operations/roles/create-conflict-rule";
import { endConflictException } from "@/lib/operations/roles/end-conflict-exception";
import { removeConflictRule, removeConflictRuleOperation } from "@/lib/operations/roles/remove-conflict-rule";
import { requestConflictException } from "@/lib/operations/roles/request-conflict-exception";
import { updateConflictRule, updateConflictRuleOperation } from "@/lib/operations/roles/update-conflict-rule";
import { viewResource } from "@/lib/queries/resources/resources";
import { mostHeldTogether, whoHoldsBoth } from "@/lib/queries/roles/conflict-rules";
import { listRoles } from "@/lib/queries/roles/role-list";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { formAction, provedAction } from "@/lib/web/actions/form-action";
import { lookup } from "@/lib/web/actions/lookup";
import {
  chosenIds,
  expectedVersion,
  knownId,
  optionalMoment,
  optionalText,
  searchText,
  unseen,
  withoutNul,
} from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";
import { principalsFor } from "../../principals-for";

const text = z
  .string()
  .max(10_000, "Write less.")
  .transform((value) => withoutNul(value).trim());
const roles = chosenIds(sentences.chooseRole, conflictLimits.roles, "roles");

const rule = z
  .object({
    name: text.refine(Boolean, "Give a name."),
    reason: text.refine(Boolean, "Say why the roles conflict."),
    firstRoleIds: roles,
    secondRoleIds: roles,
  })
  .transform((fields) => ({ rule: fields }));

/** Makes a rule about conflicting roles. */
export const addRule = formAction({
  shape: z.object({ resourceId: knownId("resource") }).and(rule),
  run: ({ caller, database }, fields) => createConflictRule(database, caller, fields),
  done: ({ ruleId }, { resourceId }) => ({
    ok: true,
    message: "The rule is saved.",
    next: `/resources/${resourceId}/conflicting-roles/${ruleId}`,
  }),
});

const edit = z.object({ ruleId: knownId("rule"), expectedVersion }).and(rule);

/** The challenge that describes what a change would allow. */
export const prepareRule = challengeAction({ shape: edit, operation: updateConflictRuleOperation });

/** Saves a rule. Allowing what it forbade requires a code. */
export const saveRule = provedAction({
  shape: edit,
  run: ({ caller, database, proofId }, fields) =>
    updateConflictRule(database, caller, { ...fields, proofId }),
  done: () => "The rule is saved.",
});

const removal = z.object({ ruleId: knownId("rule"), expectedVersion, justification: optionalText });

/** The challenge that describes the removal of a rule. */
export const prepareRemoval = challengeAction({ shape: removal, operation: removeConflictRuleOperation });

/** Removes a rule, which requires a code. */
export const removeRule = provedAction({
  shape: removal,
  run: ({ caller, database, proofId }, fields) =>
    removeConflictRule(database, caller, { ...fields, proofId }),
  done: ({ name }) => `The rule ${isolated(name)} is removed.`,
});

/** Roles by name. Empty for a caller who may not make rules at the resource. */
export const findRolesOfRules = lookup({
  shapes: z.tuple([z.uuid(), searchText]),
  none: [],
  async find({ caller, database }, resourceId, search): Promise<readonly Choice[]> {
    const resource = await viewResource(database, caller, resourceId);
    if (!resource?.may.writeRoleSettings) return [];
    const { rows } = await listRoles(database, resource.id, { search, used: false, after: "" });
    return rows.slice(0, 20).map(({ id, roleName }) => ({ id, label: isolated(roleName), principal: null }));
  },
});

const endOfException = z
  .object({ endsAt: optionalMoment })
  .refine(({ endsAt }) => endsAt !== null, {
    path: ["endsAt"],
    message: "Choose an end. An exception always has one.",
  })
  .transform(({ endsAt }) => ({ endsAt: new Date(endsAt ?? 0) }));

/** Asks for an exception, for one person or group. Another administrator must decide on it. */
export const askForException = formAction({
  shape: z
    .object({
      resourceId: knownId("resource"),
      ruleId: knownId("rule"),
      principalId: chosenIds("Choose a person or a group.", 1, "person or group"),
      justification: optionalText,
    })
    .and(endOfException),
  run: ({ caller, database }, { principalId: [principalId = ""], ...fields }) =>
    requestConflictException(database, caller, { ...fields, principalId }),
  done: (_made, { resourceId, ruleId }) => ({
    ok: true,
    message: "The exception is requested. It waits for another administrator.",
    next: `/resources/${resourceId}/conflicting-roles/${ruleId}#exceptions`,
  }),
});

const decided = z.object({ exceptionId: knownId("exception"), justification: optionalText });

/** The challenge that describes an exception that is approved. */
export const prepareApproval = challengeAction({
  shape: decided,
  operation: approveConflictExceptionOperation,
});

/** Approves an exception, which requires a code. */
export const approveException = provedAction({
  shape: decided,
  run: ({ caller, database, proofId }, fields) =>
    approveConflictException(database, caller, { ...fields, proofId }),
  done: async ({ name, endsAt }) =>
    `The exception for ${name} is approved until ${await momentInWords(endsAt)}.`,
});

/** Denies, withdraws or revokes an exception. */
export const endException = formAction({
  shape: decided.extend({ how: unseen(z.enum(["Deny", "Withdraw", "Revoke"]), sentences.unreadable) }),
  run: ({ caller, database }, fields) => endConflictException(database, caller, fields),
  done: (_done, { how }) =>
    `The exception is ${{ Deny: "denied", Withdraw: "withdrawn", Revoke: "revoked" }[how]}.`,
});

/** Users and groups by name. Empty for a caller who may not edit role settings at the resource. */
export const findWhoIsExcepted = lookup({
  shapes: z.tuple([z.uuid(), searchText.pipe(z.string().min(1))]),
  none: [],
  async find(by, resourceId, search): Promise<readonly Choice[]> {
    const right = (may: { readonly writeRoleSettings: boolean }) => may.writeRoleSettings;
    const found = await principalsFor(by, resourceId, search, right);
    return found.map((principal) => ({ id: principal.id, label: principalText(principal), principal }));
  },
});

const ids = z.array(z.uuid()).min(1).max(conflictLimits.roles);

/** Who holds a role of each set now, in words: how many, and the first of them. Null if the caller may not know. */
export const whoHoldsBothNow = lookup({
  shapes: z.tuple([z.uuid(), ids, ids]),
  none: null,
  async find({ caller, database }, resourceId, firstRoleIds, secondRoleIds): Promise<string | null> {
    const found = await whoHoldsBoth(database, caller, resourceId, { firstRoleIds, secondRoleIds });
    if (!found) return null;
    const people = new Map(found.map(({ person }) => [person.id, principalText(person)]));
    if (people.size === 0) return "Nobody holds both now.";
    const names = [...people.values()].slice(0, 3).join(", ");
    const count = found.length > mostHeldTogether ? `More than ${people.size - 1}` : String(people.size);
    const more = people.size > 3 ? " and others" : "";
    return `${count} ${people.size === 1 ? "person holds" : "people hold"} both now: ${names}${more}. They keep what they hold until somebody removes it.`;
  },
});
