import { emptyApprovalStage } from "@/lib/domain/roles/empty-approval-stage";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { assignRole, assignRoleOperation } from "@/lib/operations/assignments/assign-role";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import type { Caller } from "@/lib/platform/caller";
import { type Demo, roles } from "./demo";

/** Assigns a role to somebody for so many days (null: permanently), some minutes after the step before. */
export type Assign = (
  assignmentType: "Eligible" | "Active",
  roleDefinitionId: string,
  resourceId: string,
  principalIds: string[],
  days: number | null,
) => Promise<void>;

/** The first role settings and access of the organisation, all made by its Owner. */
export async function seedAccess(demo: Demo, owner: Caller): Promise<Assign> {
  const { database, clock, people, resource, group, key, must } = demo;
  const peopleFrom = (from: number, to: number) => people.slice(from, to).map((person) => person.id);
  const production = resource("Contoso Production");
  const staging = resource("Contoso Staging");
  const settings = async (roleDefinitionId: string, resourceId: string, changes: object) => {
    const input = {
      roleDefinitionId,
      resourceId,
      expectedVersion: 0,
      settings: { ...defaultRoleSettings, ...changes },
    };
    clock.now = addMinutes(clock.now, 1);
    const proofId = await demo.prove(key("owner"), owner, { kind: "UpdateRoleSettings", ...input });
    must(await updateRoleSettings(database, owner, { ...input, proofId }));
  };
  await settings(roles.reader, production, { activationRequiresMfa: false });
  await settings(roles.reader, resource("Contoso"), {
    activationRequiresMfa: false,
    activeMaximumDays: null,
    eligibleMaximumDays: null,
  });
  await settings(roles.owner, production, { activationMaximumMinutes: 240, assignmentRequiresMfa: true });
  await settings(roles.contributor, production, { assignmentRequiresMfa: true });
  await settings(roles.userAccessAdministrator, production, {
    activationRequiresTicket: true,
    approvalRequired: true,
    approvalStages: [{ ...emptyApprovalStage, approverIds: [key("approver").id, key("owner").id].sort() }],
    approvalRequiresStepUp: true,
  });

  await settings(roles.userAccessAdministrator, staging, {
    approvalRequired: true,
    approvalStages: [
      {
        ...emptyApprovalStage,
        approverIds: [group("Security Response")],
        escalationApproverIds: [key("approver").id],
      },
    ],
  });

  await settings(roles.keyVaultAdministrator, staging, {
    approvalRequired: true,
    approvalStages: [{ ...emptyApprovalStage, approverIds: [key("approver").id, key("owner").id].sort() }],
    provisioningRequiresMfa: true,
    breakGlassMaximumMinutes: 60,
  });

  const assign: Assign = async (assignmentType, roleDefinitionId, resourceId, principalIds, days) => {
    clock.now = addMinutes(clock.now, 3);
    const endsAt = days === null ? null : addDays(clock.now, days);
    const input = { assignmentType, roleDefinitionId, resourceId, principalIds, startsAt: null, endsAt };
    // A role that can write authorisation takes a code by whatever kind of assignment.
    const asks = [roles.owner, roles.userAccessAdministrator].includes(roleDefinitionId);
    const proofId = asks ? await demo.prove(key("owner"), owner, assignRoleOperation(input)) : null;
    must(await assignRole(database, owner, { ...input, justification: "Team access as agreed", proofId }));
  };
  await assign("Active", roles.reader, resource("Contoso"), [key("auditor").id], null);
  await assign("Active", roles.userAccessAdministrator, resource("Platform"), [key("approver").id], 180);
  await assign("Eligible", roles.owner, production, [key("eligible-owner").id], 365);
  await assign("Eligible", roles.contributor, production, [key("member").id, key("newcomer").id], 365);
  await assign("Eligible", roles.reader, production, [key("member").id], 365);
  await assign("Eligible", roles.userAccessAdministrator, production, [key("requester").id], 365);
  await assign("Eligible", roles.userAccessAdministrator, staging, [key("requester").id], 365);
  await assign("Eligible", roles.keyVaultAdministrator, staging, [key("requester").id], 365);
  await assign(
    "Eligible",
    roles.contributor,
    production,
    [group("Platform Engineers"), ...peopleFrom(8, 12)],
    365,
  );
  await assign("Eligible", roles.reader, production, peopleFrom(12, 18), 365);
  await assign("Eligible", roles.contributor, staging, peopleFrom(14, 22), 365);
  await assign("Eligible", roles.contributor, resource("Contoso Sandbox"), [group("Data Science")], 180);
  await assign("Active", roles.reader, resource("prod-data"), [group("Database Operators")], 180);
  await assign("Active", roles.reader, staging, peopleFrom(20, 24), 90);
  await assign("Active", roles.contributor, resource("lab-ml"), peopleFrom(24, 27), 30);
  return assign;
}
