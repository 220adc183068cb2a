import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { activateRoles, activateRolesOperation } from "@/lib/operations/activation/activate-roles";
import { extendActivation, extendActivationOperation } from "@/lib/operations/activation/extend-activation";
import { assignRole, assignRoleOperation } from "@/lib/operations/assignments/assign-role";
import { assignRoles, assignRolesOperation } from "@/lib/operations/assignments/assign-roles";
import {
  changeAssignments,
  extendAssignmentsOperation,
} from "@/lib/operations/assignments/change-assignments";
import { extendAssignment, extendAssignmentOperation } from "@/lib/operations/assignments/extend-assignment";
import { makeEligible, previewMakeEligible } from "@/lib/operations/assignments/make-eligible";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { renewAssignment, renewAssignmentOperation } from "@/lib/operations/assignments/renew-assignment";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { requestRenewal } from "@/lib/operations/assignments/request-renewal";
import { updateAssignment, updateAssignmentOperation } from "@/lib/operations/assignments/update-assignment";
import { noIssuers } from "@/lib/platform/sql/factors-in-force";
import { grant, makeActivation, makeRole, makeUser, pastTheRules } from "../factories";
import { because, type Ground, given, verb } from "./verb";

const reader = ({ at }: Ground) => makeRole(at.database, "Reader", { actions: ["*/read"] });

/** A person's access at the place, from and to a number of days from now. */
async function held(ground: Ground, kind: "eligible" | "active", from: number, to: number) {
  const member = await ground.at.person("Max Member");
  const role = await reader(ground);
  const access = await grant(ground.at.database, kind, member.userId, role.id, ground.place.id, {
    startsAt: addDays(ground.now, from),
    endsAt: addDays(ground.now, to),
  });
  return { member, role, access };
}

const ticket = { ticketNumber: null, ticketSystem: null };

/** Verbs that grant, change and remove access. */
export const verbsOfAccess = {
  "activating a role": verb("activate-role", async (ground) => {
    const { member, access } = await held(ground, "eligible", -5, 60);
    return given({
      caller: member,
      input: { eligibilityId: access.id, resourceId: ground.place.id, startsAt: null, durationMinutes: 60 },
      operation: (input) => ({ kind: "ActivateRole", ...input }),
      run: (caller, input, proofId) =>
        activateRole(ground.at.database, caller, { ...input, ...because, ...ticket, proofId }),
    });
  }),
  "activating several roles": verb("activate-roles", async (ground) => {
    const { member, access } = await held(ground, "eligible", -5, 60);
    const item = { eligibilityId: access.id, resourceId: ground.place.id, durationMinutes: 60 };
    return given({
      caller: member,
      input: { items: [item], startsAt: null, ...because, ...ticket },
      operation: activateRolesOperation,
      run: (caller, input, proofId) => activateRoles(ground.at.database, caller, { ...input, proofId }),
    });
  }),
  "extending a running activation": verb("extend-activation", async (ground) => {
    const { member, access } = await held(ground, "eligible", -5, 60);
    const running = await pastTheRules(ground.at.database, (transaction) =>
      makeActivation(transaction, access, addMinutes(ground.now, -30), 60),
    );
    const expectedEnd = addMinutes(ground.now, 30);
    return given({
      caller: member,
      input: { assignmentId: running.id, expectedEnd, endsAt: addMinutes(expectedEnd, 60) },
      operation: extendActivationOperation,
      run: (caller, input, proofId) =>
        extendActivation(ground.at.database, caller, { ...input, ...because, ...ticket, proofId }),
    });
  }),
  "assigning a role": verb(
    "assign-role",
    async (ground) =>
      given({
        caller: ground.admin,
        input: {
          assignmentType: "Active" as const,
          roleDefinitionId: (await reader(ground)).id,
          resourceId: ground.place.id,
          principalIds: [(await makeUser(ground.at.database)).id],
          startsAt: null,
          endsAt: addDays(ground.now, 30),
          ...because,
        },
        operation: assignRoleOperation,
        run: (caller, input, proofId) => assignRole(ground.at.database, caller, { ...input, proofId }),
      }),
    ["principalIds", "roleDefinitionId"],
  ),
  "assigning several roles": verb(
    "assign-roles",
    async (ground) =>
      given({
        caller: ground.admin,
        input: {
          assignmentType: "Active" as const,
          roleDefinitionIds: [(await reader(ground)).id],
          resourceId: ground.place.id,
          principalIds: [(await makeUser(ground.at.database)).id],
          startsAt: null,
          endsAt: addDays(ground.now, 30),
          ...because,
        },
        operation: assignRolesOperation,
        run: (caller, input, proofId) => assignRoles(ground.at.database, caller, { ...input, proofId }),
      }),
    ["principalIds", "roleDefinitionIds"],
  ),
  "changing an assignment's time": verb("update-assignment", async (ground) => {
    const { access } = await held(ground, "active", 2, 10);
    return given({
      caller: ground.admin,
      input: {
        assignmentType: "Active" as const,
        id: access.id,
        expected: { startsAt: access.startsAt, endsAt: access.endsAt },
        startsAt: addDays(ground.now, 1),
        endsAt: addDays(ground.now, 40),
        ...because,
      },
      operation: updateAssignmentOperation,
      run: (caller, input, proofId) => updateAssignment(ground.at.database, caller, { ...input, proofId }),
    });
  }),
  "extending an assignment": verb("extend-assignment", async (ground) => {
    const { access } = await held(ground, "active", -60, 10);
    return given({
      caller: ground.admin,
      input: {
        assignmentType: "Active" as const,
        id: access.id,
        expectedEnd: access.endsAt,
        endsAt: addDays(ground.now, 60),
        ...because,
      },
      operation: extendAssignmentOperation,
      run: (caller, input, proofId) => extendAssignment(ground.at.database, caller, { ...input, proofId }),
    });
  }),
  "renewing an assignment": verb("renew-assignment", async (ground) => {
    const { access } = await held(ground, "active", -60, -10);
    return given({
      caller: ground.admin,
      input: {
        assignmentType: "Active" as const,
        id: access.id,
        startsAt: null,
        endsAt: addDays(ground.now, 60),
        ...because,
      },
      operation: renewAssignmentOperation,
      run: (caller, input, proofId) => renewAssignment(ground.at.database, caller, { ...input, proofId }),
    });
  }),
  "extending several assignments": verb("change-assignments", async (ground) => {
    const { access } = await held(ground, "active", -60, 10);
    const endsAt = addDays(ground.now, 60);
    const row = { assignmentType: "Active" as const, id: access.id, expectedEnd: access.endsAt };
    return given({
      caller: ground.admin,
      input: { rows: [row], change: { change: "Extend" as const, endsAt }, ...because },
      operation: (input) => extendAssignmentsOperation(input.rows, endsAt),
      run: (caller, input, proofId) => changeAssignments(ground.at.database, caller, { ...input, proofId }),
    });
  }),
  "removing an assignment": verb("remove-assignment", async (ground) => {
    const { access } = await held(ground, "eligible", -60, 10);
    return given({
      caller: ground.admin,
      input: { assignmentType: "Eligible" as const, id: access.id, ...because },
      run: (caller, input) => removeAssignment(ground.at.database, caller, input),
    });
  }),
  "making an assignment eligible": verb("make-eligible", async (ground) => {
    const { access } = await held(ground, "active", -5, 60);
    const { results } = await previewMakeEligible(
      ground.at.database,
      ground.admin,
      { ids: [access.id], ...because },
      noIssuers,
    );
    return given({
      caller: ground.admin,
      input: {
        rows: results.flatMap((result) => (result.ok ? [{ id: access.id, shown: result.shown }] : [])),
        ...because,
      },
      run: (caller, input) =>
        makeEligible(ground.at.database, caller, { ...input, proofId: null }, noIssuers),
    });
  }),
  "asking for an extension": verb("request-extension", async (ground) => {
    const { member, access } = await held(ground, "eligible", -60, 5);
    return given({
      caller: member,
      input: {
        assignmentType: "Eligible" as const,
        id: access.id,
        endsAt: addDays(ground.now, 60),
        ...because,
      },
      run: (caller, input) => requestExtension(ground.at.database, caller, input),
    });
  }),
  "asking for a renewal": verb("request-renewal", async (ground) => {
    const { member, access } = await held(ground, "eligible", -60, -5);
    return given({
      caller: member,
      input: {
        assignmentType: "Eligible" as const,
        id: access.id,
        endsAt: addDays(ground.now, 60),
        ...because,
      },
      run: (caller, input) => requestRenewal(ground.at.database, caller, input),
    });
  }),
};
