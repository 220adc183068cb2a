import { expect } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { assignRole } from "@/lib/operations/assignments/assign-role";
import {
  approveConflictException,
  approveConflictExceptionOperation,
} from "@/lib/operations/roles/approve-conflict-exception";
import { createConflictRule } from "@/lib/operations/roles/create-conflict-rule";
import { type EndOfException, endConflictException } from "@/lib/operations/roles/end-conflict-exception";
import { requestConflictException } from "@/lib/operations/roles/request-conflict-exception";
import type { Caller } from "@/lib/platform/caller";
import { makeAdministration } from "./administration";
import { grant, makeGroup, makeRole } from "./factories";

let count = 0;

/** An organisation in which some people enter payments and others approve them. */
export async function makeConflicts(clock: () => Date) {
  const at = await makeAdministration(clock);
  const { database, owner, tree } = at;
  const beside = await database.client.resource.create({
    data: {
      parentId: tree.subscription.id,
      scope: `${tree.subscription.scope}/resourceGroups/data`,
      displayName: "data",
      resourceType: "Microsoft.Resources/resourceGroups",
    },
  });
  /** A role that requires neither a code nor an approval. */
  const role = async (name: string) => {
    const made = await makeRole(database, name, { actions: [`Contoso.Payments/${name}/action`] });
    for (const resourceId of [tree.root.id, tree.subscription.id, tree.group.id, beside.id])
      await database.client.roleManagementPolicy.create({
        data: {
          roleDefinitionId: made.id,
          resourceId,
          version: 1,
          activationRequiresMfa: false,
          eligibleMaximumDays: null,
          activeMaximumDays: null,
        },
      });
    return made;
  };
  /** A rule between two new roles, at the subscription unless another place is given. */
  const rule = async (resourceId = tree.subscription.id) => {
    count += 1;
    const [enter, approve] = [await role(`Enter ${count}`), await role(`Approve ${count}`)];
    const made = await createConflictRule(database, owner, {
      resourceId,
      rule: {
        name: `Payments ${count}`,
        reason: "Whoever enters a payment does not approve it.",
        firstRoleIds: [enter.id],
        secondRoleIds: [approve.id],
      },
    });
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    return { id: made.ruleId, name: `Payments ${count}`, enter, approve };
  };
  const holds = (principalId: string, roleId: string, resourceId = tree.subscription.id, days?: number) =>
    grant(
      database,
      "active",
      principalId,
      roleId,
      resourceId,
      days === undefined ? {} : { endsAt: addDays(clock(), days) },
    );
  const mayActivate = (principalId: string, roleId: string, resourceId = tree.subscription.id) =>
    grant(database, "eligible", principalId, roleId, resourceId);
  const activate = (
    caller: Caller,
    eligibility: { readonly id: string; readonly resourceId: string },
    more: { readonly resourceId?: string; readonly startsAt?: Date | null } = {},
  ) =>
    activateRole(database, caller, {
      eligibilityId: eligibility.id,
      resourceId: eligibility.resourceId,
      startsAt: null,
      durationMinutes: 60,
      justification: "Month end",
      ticketNumber: null,
      ticketSystem: null,
      proofId: null,
      ...more,
    });
  const assign = (
    principalIds: readonly string[],
    roleDefinitionId: string,
    more: {
      readonly resourceId?: string;
      readonly assignmentType?: "Eligible" | "Active";
      readonly startsAt?: Date | null;
      readonly endsAt?: Date | null;
    } = {},
  ) =>
    assignRole(database, owner, {
      assignmentType: "Active",
      roleDefinitionId,
      resourceId: tree.subscription.id,
      principalIds,
      startsAt: null,
      endsAt: addDays(clock(), 30),
      justification: "As agreed",
      proofId: null,
      ...more,
    });
  /** Another person who may edit role settings everywhere, without any other right. */
  const administrator = async (name = "Anna Administrator", resourceId = tree.root.id) => {
    const settings = await makeRole(database, "Settings", {
      actions: ["Microsoft.Authorization/roleManagementPolicies/*"],
    });
    const caller = await at.person(name);
    await grant(database, "active", caller.userId, settings.id, resourceId);
    return caller;
  };
  /** A group whose members joined a day ago. */
  const team = async (memberIds: readonly string[], name = "Team") => {
    const group = await makeGroup(database, [...memberIds], name);
    await at.test.asOwner("UPDATE group_members SET added_at = $2 WHERE group_id = $1", [
      group.id,
      addDays(clock(), -1),
    ]);
    return group;
  };
  const ask = (
    ruleId: string,
    principalId: string,
    more: { readonly by?: Caller; readonly hours?: number; readonly endsAt?: Date } = {},
  ) =>
    requestConflictException(database, more.by ?? owner, {
      ...{ ruleId, principalId, justification: "Month end" },
      endsAt: more.endsAt ?? addMinutes(clock(), (more.hours ?? 24) * 60),
    });
  const approve = async (exceptionId: string, by: Caller) =>
    approveConflictException(database, by, {
      ...{ exceptionId, justification: "Seen" },
      proofId: await at.prove(approveConflictExceptionOperation({ exceptionId }), by),
    });
  const end = (exceptionId: string, how: EndOfException, by: Caller) =>
    endConflictException(database, by, { exceptionId, how, justification: "Over" });
  /** An exception in force, requested by the Owner and approved by another administrator. */
  const excepted = async (
    ruleId: string,
    principalId: string,
    more: { readonly hours?: number; readonly by?: Caller } = {},
  ) => {
    const asked = await ask(ruleId, principalId, { hours: more.hours ?? 24 });
    if (!asked.ok) throw new Error(JSON.stringify(asked.error));
    const approved = await approve(asked.exceptionId, more.by ?? (await administrator()));
    if (!approved.ok) throw new Error(JSON.stringify(approved.error));
    return asked.exceptionId;
  };
  return {
    ...{ ...at, beside, role, rule, holds, mayActivate, activate, assign },
    ...{ administrator, team, ask, approve, end, excepted },
  };
}

export type Conflicts = Awaited<ReturnType<typeof makeConflicts>>;

/** The answer to access that a rule forbids. */
export const conflicts = (...texts: readonly string[]) => ({
  ok: false,
  error: {
    code: "RoleAssignmentConflict",
    exceptions: expect.any(Array),
    message: expect.stringMatching(
      new RegExp(texts.map((text) => `(?=[^]*${text.replaceAll(/[()]/g, "\\$&")})`).join("")),
    ),
  },
});
