import { randomUUID } from "node:crypto";
import { addDays } from "@/lib/domain/time/schedule";
import { assignRole, assignRoleOperation } from "@/lib/operations/assignments/assign-role";
import { assignRoles, assignRolesOperation } from "@/lib/operations/assignments/assign-roles";
import {
  type Change,
  changeAssignments,
  extendAssignmentsOperation,
  renewAssignmentsOperation,
} from "@/lib/operations/assignments/change-assignments";
import { approveExtensionOperation, decideExtension } from "@/lib/operations/assignments/decide-extension";
import { approveExtensionsOperation, decideExtensions } from "@/lib/operations/assignments/decide-extensions";
import { extendAssignment, extendAssignmentOperation } from "@/lib/operations/assignments/extend-assignment";
import { renewAssignment, renewAssignmentOperation } from "@/lib/operations/assignments/renew-assignment";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { updateAssignment, updateAssignmentOperation } from "@/lib/operations/assignments/update-assignment";
import { addGroupMembers, addGroupMembersOperation } from "@/lib/operations/people/add-group-members";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { grant, makeGroup } from "../factories";
import { eligibilityInstance } from "../pim-answers";
import { type Gates, outcomeOf, reason, type World } from "./gate";
import { importing } from "./people";

/** A role with which its member can give others access. */
export const roleGivingAccess = (world: Pick<World, "protectedRole">, settings = {}) =>
  world.protectedRole(settings, ["Microsoft.Authorization/roleAssignmentScheduleRequests/*", "*/read"]);

/** An eligibility of somebody for such a role. */
async function eligibility(world: World, days: { from: number; to: number }) {
  const member = await world.person("Max Member");
  const role = await roleGivingAccess(world);
  const { id } = await grant(
    ...([world.database, "eligible", member.userId, role.id, world.tree.subscription.id] as const),
    { startsAt: addDays(world.now(), days.from), endsAt: addDays(world.now(), days.to) },
  );
  return { member, assignmentType: "Eligible" as const, id, expectedEnd: addDays(world.now(), days.to) };
}

/** A request of a member to keep it for longer. */
async function askedForMore(world: World) {
  const { member, expectedEnd, ...of } = await eligibility(world, { from: -60, to: 10 });
  const endsAt = addDays(world.now(), 60);
  const asked = await requestExtension(world.database, member, { ...of, endsAt, ...reason });
  if (!asked.ok) throw new Error(JSON.stringify(asked.error));
  return { requestId: asked.requestId, expectedEnd, endsAt };
}

/** Changes of two such eligibilities together. */
async function several(world: World, days: { from: number; to: number }, change: Change) {
  const { database, owner } = world;
  const both = [await eligibility(world, days), await eligibility(world, days)];
  const rows = both.map(({ assignmentType, id, expectedEnd }) => ({ assignmentType, id, expectedEnd }));
  return {
    rows,
    run: async (proofId: string | null) =>
      outcomeOf(...(await changeAssignments(database, owner, { rows, change, ...reason, proofId }))),
  };
}

/** A group whose members are eligible for such a role, through the group that it is in. */
async function eligibleGroup(world: World, members: string[] = []) {
  const inner = await makeGroup(world.database, members, `Inner ${randomUUID()}`);
  const outer = await makeGroup(world.database, [inner.id], `Outer ${randomUUID()}`);
  const role = await roleGivingAccess(world);
  await grant(world.database, "eligible", outer.id, role.id, world.tree.subscription.id);
  return inner;
}

/** Ways to make others eligible for a role that can write authorisation, whatever its settings (docs/rules.md, rule 8). */
export const gatesOfEligibility: Gates = {
  "making others eligible for a role that gives access": {
    file: "assign-role.ts",
    kind: "AssignRole",
    async arrange(world) {
      const { database, owner, tree } = world;
      const people = [await world.person("Ada"), await world.person("Ben")];
      const input = {
        assignmentType: "Eligible" as const,
        ...{ roleDefinitionId: (await roleGivingAccess(world)).id, resourceId: tree.subscription.id },
        principalIds: people.map(({ userId }) => userId),
        ...{ startsAt: addDays(world.now(), 1), endsAt: addDays(world.now(), 30), ...reason },
      };
      return {
        caller: owner,
        operation: assignRoleOperation(input),
        run: async (proofId) => outcomeOf(await assignRole(database, owner, { ...input, proofId })),
      };
    },
  },

  "making somebody eligible for several such roles": {
    file: "assign-roles.ts",
    kind: "AssignRoles",
    async arrange(world) {
      const { database, owner, tree } = world;
      const roles = [await roleGivingAccess(world), await roleGivingAccess(world)];
      const input = {
        assignmentType: "Eligible" as const,
        ...{ roleDefinitionIds: roles.map(({ id }) => id), resourceId: tree.subscription.id },
        principalIds: [(await world.person("Ada")).userId],
        ...{ startsAt: null, endsAt: addDays(world.now(), 30), ...reason },
      };
      return {
        caller: owner,
        operation: assignRolesOperation(input),
        run: async (proofId) => outcomeOf(...(await assignRoles(database, owner, { ...input, proofId }))),
      };
    },
  },

  "lengthening such an eligibility": {
    file: "update-assignment.ts",
    kind: "UpdateAssignment",
    async arrange(world) {
      const { database, owner } = world;
      const { assignmentType, id } = await eligibility(world, { from: 2, to: 10 });
      const expected = { startsAt: addDays(world.now(), 2), endsAt: addDays(world.now(), 10) };
      // It begins earlier, and ends earlier too.
      const times = { startsAt: addDays(world.now(), 1), endsAt: addDays(world.now(), 9) };
      const input = { assignmentType, id, expected, ...times, ...reason };
      return {
        caller: owner,
        operation: updateAssignmentOperation(input),
        run: async (proofId) => outcomeOf(await updateAssignment(database, owner, { ...input, proofId })),
      };
    },
  },

  "extending such an eligibility": {
    file: "extend-assignment.ts",
    kind: "ExtendAssignment",
    async arrange(world) {
      const { database, owner } = world;
      const { member: _, ...of } = await eligibility(world, { from: -60, to: 10 });
      const input = { ...of, endsAt: addDays(world.now(), 60), ...reason };
      return {
        caller: owner,
        operation: extendAssignmentOperation(input),
        run: async (proofId) => outcomeOf(await extendAssignment(database, owner, { ...input, proofId })),
      };
    },
  },

  "extending several such eligibilities": {
    file: "change-assignments.ts",
    kind: "ExtendAssignments",
    async arrange(world) {
      const endsAt = addDays(world.now(), 60);
      const { rows, run } = await several(world, { from: -60, to: 10 }, { change: "Extend", endsAt });
      return { caller: world.owner, operation: extendAssignmentsOperation(rows, endsAt), run };
    },
  },

  "renewing such an eligibility": {
    file: "renew-assignment.ts",
    kind: "RenewAssignment",
    async arrange(world) {
      const { database, owner } = world;
      const { assignmentType, id } = await eligibility(world, { from: -60, to: -10 });
      const times = { startsAt: null, endsAt: addDays(world.now(), 60) };
      const input = { assignmentType, id, ...times, ...reason };
      return {
        caller: owner,
        operation: renewAssignmentOperation(input),
        run: async (proofId) => outcomeOf(await renewAssignment(database, owner, { ...input, proofId })),
      };
    },
  },

  "renewing several such eligibilities": {
    file: "change-assignments.ts",
    kind: "RenewAssignments",
    async arrange(world) {
      const times = { startsAt: addDays(world.now(), 1), endsAt: addDays(world.now(), 60) };
      const { rows, run } = await several(world, { from: -60, to: -10 }, { change: "Renew", ...times });
      const operation = renewAssignmentsOperation(rows, times.startsAt, times.endsAt);
      return { caller: world.owner, operation, run };
    },
  },

  "approving that such an eligibility is extended": {
    file: "decide-extension.ts",
    kind: "ApproveExtension",
    async arrange(world) {
      const { database, owner } = world;
      const { requestId, endsAt } = await askedForMore(world);
      const times = { startsAt: null, endsAt };
      const decision = { decision: "Approve" as const, assignmentType: "Eligible" as const, ...times };
      const input = { requestId, decision, ...reason };
      return {
        caller: owner,
        operation: approveExtensionOperation({ requestId, ...times }),
        run: async (proofId) => outcomeOf(await decideExtension(database, owner, { ...input, proofId })),
      };
    },
  },

  "approving that several are extended": {
    file: "decide-extensions.ts",
    kind: "ApproveExtensions",
    async arrange(world) {
      const { database, owner } = world;
      const asked = [await askedForMore(world), await askedForMore(world)];
      const rows = asked.map(({ requestId, expectedEnd }) => ({ id: requestId, expectedEnd }));
      const input = { rows, decision: "Approve" as const, ...reason };
      return {
        caller: owner,
        operation: approveExtensionsOperation(rows),
        run: async (proofId) =>
          outcomeOf(...(await decideExtensions(database, owner, { ...input, proofId }))),
      };
    },
  },

  "adding to a group that is eligible for such a role": {
    file: "add-group-members.ts",
    kind: "AddGroupMembers",
    async arrange(world) {
      const { database, owner } = world;
      const group = await eligibleGroup(world);
      const memberIds = [(await world.person("Ada")).userId, (await world.person("Ben")).userId];
      const input = { groupId: group.id, memberIds, ...reason };
      return {
        caller: owner,
        operation: addGroupMembersOperation(input),
        run: async (proofId) => outcomeOf(await addGroupMembers(database, owner, { ...input, proofId })),
      };
    },
  },

  "enabling somebody who is eligible for such a role": {
    file: "enable-principal.ts",
    kind: "EnablePrincipal",
    async arrange(world) {
      const { database, owner } = world;
      const { userId: principalId } = await world.person("Ada");
      await eligibleGroup(world, [principalId]);
      await disablePrincipal(database, owner, { principalId, ...reason });
      return {
        caller: owner,
        operation: { kind: "EnablePrincipal", principalId },
        run: async (proofId) =>
          outcomeOf(await enablePrincipal(database, owner, { principalId, ...reason, proofId })),
      };
    },
  },

  "importing eligibility for such a role": {
    file: "confirm-import.ts",
    kind: "ApplyImport",
    async arrange(world) {
      const { userId: principalId } = await world.person("Ada");
      const { id: roleDefinitionId } = await roleGivingAccess(world);
      const endDateTime = addDays(world.now(), 30).toISOString();
      const of = { principalId, roleDefinitionId, scope: world.tree.subscription.scope, endDateTime };
      return importing(world, "Eligibilities", [eligibilityInstance(of)]);
    },
  },

  "importing a member of a group that is eligible for such a role": {
    file: "confirm-import.ts",
    kind: "ApplyImport",
    async arrange(world) {
      const { userId, displayName } = await world.person("Ada");
      const group = await eligibleGroup(world);
      return importing(world, "GroupMembers", [{ id: userId, displayName }], group.displayName);
    },
  },
};
