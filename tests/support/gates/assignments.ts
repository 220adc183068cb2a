import { addDays } from "@/lib/domain/time/schedule";
import { assignRole, assignRoleOperation } from "@/lib/operations/assignments/assign-role";
import { assignRoles, assignRolesOperation } from "@/lib/operations/assignments/assign-roles";
import {
  changeAssignments,
  extendAssignmentsOperation,
  renewAssignmentsOperation,
} from "@/lib/operations/assignments/change-assignments";
import { extendAssignment, extendAssignmentOperation } from "@/lib/operations/assignments/extend-assignment";
import { renewAssignment, renewAssignmentOperation } from "@/lib/operations/assignments/renew-assignment";
import { updateAssignment, updateAssignmentOperation } from "@/lib/operations/assignments/update-assignment";
import { grant } from "../factories";
import { type Gates, outcomeOf, reason, type World } from "./gate";

/** A member's direct assignment that has started, of a role whose settings require a proof. */
async function held(world: World, days: { from: number; to: number }) {
  const member = await world.person("Max Member");
  const role = await world.protectedRole();
  const assignment = await grant(
    world.database,
    "active",
    member.userId,
    role.id,
    world.tree.subscription.id,
    {
      startsAt: addDays(world.now(), days.from),
      endsAt: addDays(world.now(), days.to),
    },
  );
  return { member, role, assignment };
}

/** Administrators' operations on assignments, one by one and in batches. */
export const gatesOfAssignments: Gates = {
  "assigning a role": {
    file: "assign-role.ts",
    kind: "AssignRole",
    async arrange({ database, owner, ...world }) {
      const people = [await world.person("Ada"), await world.person("Ben")];
      const role = await world.protectedRole();
      const input = {
        assignmentType: "Active" as const,
        roleDefinitionId: role.id,
        resourceId: world.tree.subscription.id,
        principalIds: people.map(({ userId }) => userId),
        startsAt: null,
        endsAt: addDays(world.now(), 30),
        ...reason,
      };
      return {
        caller: owner,
        operation: assignRoleOperation(input),
        run: async (proofId) => outcomeOf(await assignRole(database, owner, { ...input, proofId })),
      };
    },
  },

  "assigning several roles": {
    file: "assign-roles.ts",
    kind: "AssignRoles",
    async arrange({ database, owner, ...world }) {
      const people = [await world.person("Ada"), await world.person("Ben")];
      const roles = [await world.protectedRole(), await world.protectedRole()];
      const input = {
        assignmentType: "Active" as const,
        roleDefinitionIds: roles.map(({ id }) => id),
        resourceId: world.tree.subscription.id,
        principalIds: people.map(({ userId }) => userId),
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

  "changing an assignment's time": {
    file: "update-assignment.ts",
    kind: "UpdateAssignment",
    async arrange(world) {
      const { database, owner } = world;
      const { assignment } = await held(world, { from: 2, to: 10 });
      const input = {
        assignmentType: "Active" as const,
        id: assignment.id,
        expected: { startsAt: addDays(world.now(), 2), endsAt: addDays(world.now(), 10) },
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

  "extending an assignment": {
    file: "extend-assignment.ts",
    kind: "ExtendAssignment",
    async arrange(world) {
      const { database, owner } = world;
      const { assignment } = await held(world, { from: -60, to: 10 });
      const endsAt = addDays(world.now(), 60);
      const expectedEnd = addDays(world.now(), 10);
      const input = { assignmentType: "Active" as const, id: assignment.id, expectedEnd, endsAt, ...reason };
      return {
        caller: owner,
        operation: extendAssignmentOperation(input),
        run: async (proofId) => outcomeOf(await extendAssignment(database, owner, { ...input, proofId })),
      };
    },
  },

  "extending several assignments": {
    file: "change-assignments.ts",
    kind: "ExtendAssignments",
    async arrange(world) {
      const { database, owner } = world;
      const both = [await held(world, { from: -60, to: 10 }), await held(world, { from: -60, to: 10 })];
      const rows = both.map(({ assignment }) => ({
        assignmentType: "Active" as const,
        id: assignment.id,
        expectedEnd: assignment.endsAt,
      }));
      const endsAt = addDays(world.now(), 60);
      const input = { rows, change: { change: "Extend" as const, endsAt }, ...reason };
      return {
        caller: owner,
        operation: extendAssignmentsOperation(rows, endsAt),
        run: async (proofId) =>
          outcomeOf(...(await changeAssignments(database, owner, { ...input, proofId }))),
      };
    },
  },

  "renewing an assignment": {
    file: "renew-assignment.ts",
    kind: "RenewAssignment",
    async arrange(world) {
      const { database, owner } = world;
      const { assignment } = await held(world, { from: -60, to: -10 });
      const input = {
        assignmentType: "Active" as const,
        id: assignment.id,
        startsAt: null,
        endsAt: addDays(world.now(), 60),
        ...reason,
      };
      return {
        caller: owner,
        operation: renewAssignmentOperation(input),
        run: async (proofId) => outcomeOf(await renewAssignment(database, owner, { ...input, proofId })),
      };
    },
  },

  "renewing several assignments": {
    file: "change-assignments.ts",
    kind: "RenewAssignments",
    async arrange(world) {
      const { database, owner } = world;
      const both = [await held(world, { from: -60, to: -10 }), await held(world, { from: -60, to: -5 })];
      const rows = both.map(({ assignment }) => ({
        assignmentType: "Active" as const,
        id: assignment.id,
        expectedEnd: assignment.endsAt,
      }));
      const time = { startsAt: addDays(world.now(), 1), endsAt: addDays(world.now(), 60) };
      const input = { rows, change: { change: "Renew" as const, ...time }, ...reason };
      return {
        caller: owner,
        operation: renewAssignmentsOperation(rows, time.startsAt, time.endsAt),
        run: async (proofId) =>
          outcomeOf(...(await changeAssignments(database, owner, { ...input, proofId }))),
      };
    },
  },
};
