import { randomUUID } from "node:crypto";
import { addDays } from "@/lib/domain/time/schedule";
import { assignRole, assignRoleOperation } from "@/lib/operations/assignments/assign-role";
import { assignRoles, assignRolesOperation } from "@/lib/operations/assignments/assign-roles";
import { extendAssignment, extendAssignmentOperation } from "@/lib/operations/assignments/extend-assignment";
import {
  makeEligible,
  makeEligibleOperation,
  previewMakeEligible,
} from "@/lib/operations/assignments/make-eligible";
import { renewAssignment, renewAssignmentOperation } from "@/lib/operations/assignments/renew-assignment";
import { updateAssignment, updateAssignmentOperation } from "@/lib/operations/assignments/update-assignment";
import { addGroupMembers, addGroupMembersOperation } from "@/lib/operations/people/add-group-members";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { noIssuers } from "@/lib/platform/sql/factors-in-force";
import { grant, makeGroup, makeRole } from "../factories";
import { eligibilityInstance, policyAssignment } from "../pim-answers";
import { type Gates, outcomeOf, reason, type World } from "./gate";
import { importing } from "./people";

/** A role whose settings require no proof. */
const openRole = (world: World) => world.protectedRole({ assignmentRequiresMfa: false, version: 1 });

/** A person who may assign roles at the subscription for one more day. */
async function temporaryAdministrator(world: World) {
  const role = await makeRole(world.database, "Access admin", {
    actions: ["Microsoft.Authorization/*", "*/read"],
  });
  const caller = await world.person("Tim Temporary");
  const endsAt = addDays(world.now(), 1);
  await grant(world.database, "active", caller.userId, role.id, world.tree.subscription.id, { endsAt });
  return caller;
}

/** A group that contains the Owner through another group, with a role whose settings require nothing. */
async function ownGroup(world: World, kind: "eligible" | "active") {
  const { database, owner, tree } = world;
  const inner = await makeGroup(database, [owner.userId], "Inner");
  const role = await openRole(world);
  const outer = await makeGroup(database, [], "Outer");
  await grant(database, kind, outer.id, role.id, tree.subscription.id);
  return { inner, outer, role };
}

/** Operations that always require a proof, whatever the role settings (docs/rules.md, rule 8). */
export const gatesOfAlways: Gates = {
  "making oneself eligible": {
    file: "assign-role.ts",
    kind: "AssignRole",
    async arrange(world) {
      const { database, tree } = world;
      const role = await openRole(world);
      const caller = await world.person("Ella Eligible");
      const may = { actions: ["Microsoft.Authorization/roleEligibilityScheduleRequests/*"] };
      const maker = await makeRole(database, "Maker of eligibilities", may);
      await grant(database, "active", caller.userId, maker.id, tree.subscription.id);
      const input = {
        assignmentType: "Eligible" as const,
        roleDefinitionId: role.id,
        resourceId: tree.group.id,
        principalIds: [caller.userId, (await world.person("Ada")).userId],
        startsAt: null,
        endsAt: addDays(world.now(), 30),
        ...reason,
      };
      return {
        caller,
        operation: assignRoleOperation(input),
        run: async (proofId) => outcomeOf(await assignRole(database, caller, { ...input, proofId })),
      };
    },
  },

  "making one's own assignment eligible, and one of a group that one is in": {
    file: "make-eligible.ts",
    kind: "MakeEligible",
    async arrange(world) {
      const { database, owner, tree } = world;
      const held = async (principalId: string) =>
        grant(database, "active", principalId, (await openRole(world)).id, tree.subscription.id);
      const own = await held(owner.userId);
      const inner = await makeGroup(database, [owner.userId], "Inner");
      const ofGroup = await held((await makeGroup(database, [inner.id], "Outer")).id);
      const ids = [own.id, ofGroup.id];
      const { results } = await previewMakeEligible(database, owner, { ids, ...reason }, noIssuers);
      const rows = results.flatMap((result, index) =>
        result.ok ? [{ id: ids[index] ?? "", shown: result.shown }] : [],
      );
      return {
        caller: owner,
        operation: makeEligibleOperation(rows),
        run: async (proofId) =>
          outcomeOf(...(await makeEligible(database, owner, { rows, ...reason, proofId }, noIssuers))),
      };
    },
  },

  "assigning roles to a group that one is in": {
    file: "assign-roles.ts",
    kind: "AssignRoles",
    async arrange(world) {
      const { database, owner, tree } = world;
      const inner = await makeGroup(database, [owner.userId], "Inner");
      const outer = await makeGroup(database, [inner.id], "Outer");
      const input = {
        assignmentType: "Active" as const,
        roleDefinitionIds: [(await openRole(world)).id, (await openRole(world)).id],
        resourceId: tree.subscription.id,
        principalIds: [outer.id, inner.id],
        startsAt: addDays(world.now(), 1),
        endsAt: addDays(world.now(), 30),
        ...reason,
      };
      return {
        caller: owner,
        operation: assignRolesOperation(input),
        run: async (proofId) => outcomeOf(...(await assignRoles(database, owner, { ...input, proofId }))),
      };
    },
  },

  "assigning what outlasts one's own authority": {
    file: "assign-role.ts",
    kind: "AssignRole",
    async arrange(world) {
      const { database, tree } = world;
      const caller = await temporaryAdministrator(world);
      const role = await openRole(world);
      const input = {
        assignmentType: "Active" as const,
        roleDefinitionId: role.id,
        resourceId: tree.group.id,
        principalIds: [(await world.person("Ada")).userId, (await world.person("Ben")).userId],
        startsAt: null,
        endsAt: addDays(world.now(), 2),
        ...reason,
      };
      return {
        caller,
        operation: assignRoleOperation(input),
        run: async (proofId) => outcomeOf(await assignRole(database, caller, { ...input, proofId })),
      };
    },
  },

  "lengthening one's own eligibility": {
    file: "update-assignment.ts",
    kind: "UpdateAssignment",
    async arrange(world) {
      const { database, owner, tree } = world;
      const role = await openRole(world);
      const times = { startsAt: addDays(world.now(), 2), endsAt: addDays(world.now(), 10) };
      const own = await grant(database, "eligible", owner.userId, role.id, tree.subscription.id, times);
      const input = {
        assignmentType: "Eligible" as const,
        id: own.id,
        expected: times,
        startsAt: addDays(world.now(), 1),
        endsAt: addDays(world.now(), 40),
        ...reason,
      };
      return {
        caller: owner,
        operation: updateAssignmentOperation(input),
        run: async (proofId) => outcomeOf(await updateAssignment(database, owner, { ...input, proofId })),
      };
    },
  },

  "extending what then outlasts one's own authority": {
    file: "extend-assignment.ts",
    kind: "ExtendAssignment",
    async arrange(world) {
      const { database, tree } = world;
      const caller = await temporaryAdministrator(world);
      const role = await openRole(world);
      const member = await world.person("Max Member");
      const expectedEnd = addDays(world.now(), 10);
      const times = { startsAt: addDays(world.now(), -60), endsAt: expectedEnd };
      const { id } = await grant(database, "active", member.userId, role.id, tree.subscription.id, times);
      const endsAt = addDays(world.now(), 60);
      const input = { assignmentType: "Active" as const, id, expectedEnd, endsAt, ...reason };
      return {
        caller,
        operation: extendAssignmentOperation(input),
        run: async (proofId) => outcomeOf(await extendAssignment(database, caller, { ...input, proofId })),
      };
    },
  },

  "renewing one's own assignment": {
    file: "renew-assignment.ts",
    kind: "RenewAssignment",
    async arrange(world) {
      const { database, owner, tree } = world;
      const role = await openRole(world);
      const times = { startsAt: addDays(world.now(), -60), endsAt: addDays(world.now(), -10) };
      const { id } = await grant(database, "active", owner.userId, role.id, tree.subscription.id, times);
      const time = { startsAt: null, endsAt: addDays(world.now(), 60) };
      const input = { assignmentType: "Active" as const, id, ...time, ...reason };
      return {
        caller: owner,
        operation: renewAssignmentOperation(input),
        run: async (proofId) => outcomeOf(await renewAssignment(database, owner, { ...input, proofId })),
      };
    },
  },

  "adding a group that one is in to another": {
    file: "add-group-members.ts",
    kind: "AddGroupMembers",
    async arrange(world) {
      const { database, owner } = world;
      const { inner, outer } = await ownGroup(world, "eligible");
      const memberIds = [inner.id, (await world.person("Ada")).userId];
      const input = { groupId: outer.id, memberIds, ...reason };
      return {
        caller: owner,
        operation: addGroupMembersOperation(input),
        run: async (proofId) => outcomeOf(await addGroupMembers(database, owner, { ...input, proofId })),
      };
    },
  },

  "enabling a group that one is in": {
    file: "enable-principal.ts",
    kind: "EnablePrincipal",
    async arrange(world) {
      const { database, owner, tree } = world;
      const group = await makeGroup(database, [owner.userId], "Dormant");
      const role = await openRole(world);
      await grant(database, "eligible", group.id, role.id, tree.subscription.id);
      await disablePrincipal(database, owner, { principalId: group.id, ...reason });
      return {
        caller: owner,
        operation: { kind: "EnablePrincipal", principalId: group.id },
        run: async (proofId) =>
          outcomeOf(await enablePrincipal(database, owner, { principalId: group.id, ...reason, proofId })),
      };
    },
  },

  "importing an eligibility for oneself": {
    file: "confirm-import.ts",
    kind: "ApplyImport",
    async arrange(world) {
      const role = await openRole(world);
      const { owner, tree } = world;
      return importing(world, "Eligibilities", [
        eligibilityInstance({
          ...{ principalId: owner.userId, roleDefinitionId: role.id, scope: tree.subscription.scope },
          endDateTime: addDays(world.now(), 30).toISOString(),
        }),
      ]);
    },
  },

  "importing another address of somebody": {
    file: "confirm-import.ts",
    kind: "ApplyImport",
    async arrange(world) {
      const id = randomUUID();
      await world.database.client.principal.create({
        data: { type: "User", displayName: "Ada", email: `${id}@contoso.example`, externalId: id },
      });
      const row = { id, displayName: "Ada", userPrincipalName: `other-${id}@contoso.example` };
      return importing(world, "Users", [row], null, "Change");
    },
  },

  "importing role settings that weaken protection": {
    file: "confirm-import.ts",
    kind: "ApplyImport",
    async arrange(world) {
      const role = await makeRole(world.database, `Role ${randomUUID()}`, { actions: ["*/read"] });
      const of = { roleDefinitionId: role.id, scope: world.tree.subscription.scope };
      const rules = [{ id: "Enablement_EndUser_Assignment", enabledRules: ["Justification"] }];
      return importing(world, "RoleSettings", [policyAssignment(of, rules)], null, "Change");
    },
  },

  "importing an assignment to oneself": {
    file: "confirm-import.ts",
    kind: "ApplyImport",
    async arrange(world) {
      const role = await world.protectedRole({
        assignmentRequiresMfa: false,
        activeMaximumDays: null,
        version: 1,
      });
      const scope = world.tree.subscription.scope;
      return importing(world, "RoleAssignments", [
        { principalId: world.owner.userId, roleDefinitionId: role.id, scope },
      ]);
    },
  },

  "importing oneself into a group": {
    file: "confirm-import.ts",
    kind: "ApplyImport",
    async arrange(world) {
      const { database, tree, owner } = world;
      const group = await makeGroup(database, [], "Team of one's own");
      await grant(database, "eligible", group.id, (await openRole(world)).id, tree.subscription.id);
      const rows = [{ id: owner.userId, displayName: owner.displayName }];
      return importing(world, "GroupMembers", rows, group.displayName);
    },
  },
};
