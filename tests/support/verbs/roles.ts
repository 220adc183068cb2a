import { randomUUID } from "node:crypto";
import { builtInSetting } from "@/lib/domain/alerts/alert-setting";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays } from "@/lib/domain/time/schedule";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import { deactivateRoles } from "@/lib/operations/activation/deactivate-roles";
import { askForScan } from "@/lib/operations/alerts/ask-for-scan";
import { changeAlertState } from "@/lib/operations/alerts/change-alert-state";
import { fixAlert } from "@/lib/operations/alerts/fix-alert";
import {
  updateAlertSettings,
  updateAlertSettingsOperation,
} from "@/lib/operations/alerts/update-alert-settings";
import { createExportSchedule } from "@/lib/operations/notifications/create-export-schedule";
import {
  deleteExportSchedule,
  pauseExportSchedule,
  resumeExportSchedule,
  sendExportNow,
} from "@/lib/operations/notifications/hold-export-schedule";
import { updateExportSchedule } from "@/lib/operations/notifications/update-export-schedule";
import {
  updateOrganisation,
  updateOrganisationOperation,
} from "@/lib/operations/notifications/update-organisation";
import {
  approveConflictException,
  approveConflictExceptionOperation,
} from "@/lib/operations/roles/approve-conflict-exception";
import { createConflictRule } from "@/lib/operations/roles/create-conflict-rule";
import { createRoleDefinition } from "@/lib/operations/roles/create-role-definition";
import { deleteRoleDefinition } from "@/lib/operations/roles/delete-role-definition";
import { endConflictException } from "@/lib/operations/roles/end-conflict-exception";
import { removeConflictRule, removeConflictRuleOperation } from "@/lib/operations/roles/remove-conflict-rule";
import { requestConflictException } from "@/lib/operations/roles/request-conflict-exception";
import { updateConflictRule, updateConflictRuleOperation } from "@/lib/operations/roles/update-conflict-rule";
import {
  updateRoleDefinition,
  updateRoleDefinitionOperation,
} from "@/lib/operations/roles/update-role-definition";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import {
  updateSettingsOfRoles,
  updateSettingsOfRolesOperation,
} from "@/lib/operations/roles/update-settings-of-roles";
import { inTransaction } from "@/lib/platform/transaction";
import { grant, makeActivation, makeRole, makeUser } from "../factories";
import { because, type Ground, given, verb } from "./verb";

const fields = (scope: string, action = "Microsoft.Web/sites/read") => ({
  roleName: `Custom ${randomUUID()}`,
  description: "A custom role",
  permission: { actions: [action], notActions: [], dataActions: [], notDataActions: [] },
  assignableScopes: [scope],
});

async function customRole({ at, place, admin }: Ground): Promise<string> {
  const made = await createRoleDefinition(at.database, admin, fields(place.scope));
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.roleDefinitionId;
}

/** A plan to export the place. Schedules of earlier tests are removed, since a resource may have only a few. */
const exportPlan = async ({ at, place }: Ground) => {
  await at.database.client.exportSchedule.deleteMany({ where: { resourceId: place.id } });
  return {
    contents: "Assignments" as const,
    includeBelow: false,
    frequency: "Daily" as const,
    day: null,
    hour: 7,
    recipientIds: [(await at.person("Rita Recipient")).userId],
  };
};

/** A scheduled export of the place. */
async function scheduledExport(ground: Ground) {
  const { at, admin, place } = ground;
  const plan = await exportPlan(ground);
  const made = await createExportSchedule(at.database, admin, { resourceId: place.id, plan });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return { scheduleId: made.scheduleId, expectedVersion: 1, plan };
}

async function conflictFields(database: Ground["at"]["database"]) {
  const role = async (name: string) => (await makeRole(database, name, { actions: ["*/read"] })).id;
  return {
    name: `Payments ${randomUUID()}`,
    reason: "Two pairs of eyes",
    firstRoleIds: [await role("Enter")],
    secondRoleIds: [await role("Approve")],
  };
}

async function conflictRule({ at, place, admin }: Ground) {
  const fields = await conflictFields(at.database);
  const made = await createConflictRule(at.database, admin, { resourceId: place.id, rule: fields });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return { ruleId: made.ruleId, fields };
}

/** An exception from a conflict rule that another person has requested. */
async function conflictException(ground: Ground) {
  const { at, now, root } = ground;
  const { ruleId } = await conflictRule(ground);
  const principalId = (await makeUser(at.database, "Pat Person")).id;
  const asked = await requestConflictException(at.database, root, {
    ...{ ruleId, principalId, ...because },
    endsAt: addDays(now, 7),
  });
  if (!asked.ok) throw new Error(JSON.stringify(asked.error));
  return { exceptionId: asked.exceptionId };
}

/** An alert at the place about an unused eligibility. */
async function alert({ at, place }: Ground): Promise<string> {
  const { database } = at;
  const role = await makeRole(database, "Reader", { actions: ["*/read"] });
  const member = await makeUser(database, "Nelly Never");
  const eligibility = await grant(database, "eligible", member.id, role.id, place.id);
  const { id } = await database.client.alert.create({
    data: {
      kind: "EligibleNeverActivates",
      resourceId: place.id,
      subject: eligibility.id,
      roleDefinitionId: role.id,
      principalId: member.id,
      eligibilityId: eligibility.id,
      details: { days: 30 },
    },
  });
  return id;
}

/** Verbs that change roles, their settings and alerts. */
export const verbsOfRoles = {
  "making a custom role": verb("create-role-definition", async ({ at, place, admin }) =>
    given({
      caller: admin,
      input: fields(place.scope),
      run: (caller, input) => createRoleDefinition(at.database, caller, input),
    }),
  ),
  "editing a custom role": verb("update-role-definition", async (ground) => {
    const { at, place, admin } = ground;
    const roleDefinitionId = await customRole(ground);
    return given({
      caller: admin,
      input: {
        roleDefinitionId,
        expectedVersion: 0,
        definition: fields(place.scope, "Microsoft.Web/sites/write"),
        ...because,
      },
      operation: updateRoleDefinitionOperation,
      run: (caller, input, proofId) => updateRoleDefinition(at.database, caller, { ...input, proofId }),
    });
  }),
  "deleting a custom role": verb("delete-role-definition", async (ground) =>
    given({
      caller: ground.admin,
      input: { roleDefinitionId: await customRole(ground), ...because },
      run: (caller, input) => deleteRoleDefinition(ground.at.database, caller, input),
    }),
  ),
  "scheduling an export": verb(
    "create-export-schedule",
    async (ground) =>
      given({
        caller: ground.admin,
        input: { resourceId: ground.place.id, plan: await exportPlan(ground) },
        run: (caller, input) => createExportSchedule(ground.at.database, caller, input),
      }),
    ["recipientIds"],
  ),
  "changing a scheduled export": verb(
    "update-export-schedule",
    async (ground) => {
      const { plan, ...shown } = await scheduledExport(ground);
      return given({
        caller: ground.admin,
        input: { ...shown, plan: { ...plan, hour: 8 } },
        run: (caller, input) => updateExportSchedule(ground.at.database, caller, input),
      });
    },
    ["recipientIds"],
  ),
  "pausing a scheduled export": verb("hold-export-schedule", async (ground) => {
    const { plan: _, ...input } = await scheduledExport(ground);
    return given({
      caller: ground.admin,
      input,
      run: (caller, changed) => pauseExportSchedule(ground.at.database, caller, changed),
    });
  }),
  "resuming a scheduled export": verb("hold-export-schedule", async (ground) => {
    const { plan: _, ...shown } = await scheduledExport(ground);
    const paused = await pauseExportSchedule(ground.at.database, ground.admin, shown);
    if (!paused.ok) throw new Error(JSON.stringify(paused.error));
    return given({
      caller: ground.admin,
      input: { ...shown, expectedVersion: 2 },
      run: (caller, input) => resumeExportSchedule(ground.at.database, caller, input),
    });
  }),
  "deleting a scheduled export": verb("hold-export-schedule", async (ground) => {
    const { plan: _, ...input } = await scheduledExport(ground);
    return given({
      caller: ground.admin,
      input,
      run: (caller, changed) => deleteExportSchedule(ground.at.database, caller, changed),
    });
  }),
  "sending a scheduled export now": verb("hold-export-schedule", async (ground) => {
    const { plan: _, ...input } = await scheduledExport(ground);
    return given({
      caller: ground.admin,
      input,
      run: (caller, changed) => sendExportNow(ground.at.database, caller, changed),
    });
  }),
  "making a conflict rule": verb(
    "create-conflict-rule",
    async ({ at, place, admin }) =>
      given({
        caller: admin,
        input: { resourceId: place.id, rule: await conflictFields(at.database) },
        run: (caller, input) => createConflictRule(at.database, caller, input),
      }),
    ["firstRoleIds", "secondRoleIds"],
  ),
  "changing a conflict rule": verb(
    "update-conflict-rule",
    async (ground) => {
      const { at, admin } = ground;
      const { ruleId, fields } = await conflictRule(ground);
      const other = await makeRole(at.database, "Read", { actions: ["*/read"] });
      return given({
        caller: admin,
        input: { ruleId, expectedVersion: 1, rule: { ...fields, firstRoleIds: [other.id] } },
        operation: updateConflictRuleOperation,
        run: (caller, input, proofId) => updateConflictRule(at.database, caller, { ...input, proofId }),
      });
    },
    ["firstRoleIds", "secondRoleIds"],
  ),
  "removing a conflict rule": verb("remove-conflict-rule", async (ground) => {
    const { ruleId } = await conflictRule(ground);
    return given({
      caller: ground.admin,
      input: { ruleId, expectedVersion: 1, ...because },
      operation: removeConflictRuleOperation,
      run: (caller, input, proofId) => removeConflictRule(ground.at.database, caller, { ...input, proofId }),
    });
  }),
  "requesting an exception from a conflict rule": verb(
    "request-conflict-exception",
    async (ground) => {
      const { at, now, admin } = ground;
      const { ruleId } = await conflictRule(ground);
      const principalId = (await makeUser(at.database, "Pat Person")).id;
      return given({
        caller: admin,
        input: { ruleId, principalId, endsAt: addDays(now, 7), ...because },
        run: (caller, input) => requestConflictException(at.database, caller, input),
      });
    },
    ["principalId"],
  ),
  "approving an exception from a conflict rule": verb("approve-conflict-exception", async (ground) =>
    given({
      caller: ground.admin,
      input: { ...(await conflictException(ground)), ...because },
      operation: approveConflictExceptionOperation,
      run: (caller, input, proofId) =>
        approveConflictException(ground.at.database, caller, { ...input, proofId }),
    }),
  ),
  "denying an exception from a conflict rule": verb("end-conflict-exception", async (ground) =>
    given({
      caller: ground.admin,
      input: { ...(await conflictException(ground)), how: "Deny" as const, ...because },
      run: (caller, input) => endConflictException(ground.at.database, caller, input),
    }),
  ),
  "editing role settings": verb(
    "update-role-settings",
    async ({ at, place, admin }) =>
      given({
        caller: admin,
        input: {
          roleDefinitionId: (await makeRole(at.database, "Reader", { actions: ["*/read"] })).id,
          resourceId: place.id,
          expectedVersion: 0,
          settings: { ...defaultRoleSettings, activationMaximumMinutes: 60 },
        },
        operation: (input) => ({ kind: "UpdateRoleSettings", ...input }),
        run: (caller, input, proofId) => updateRoleSettings(at.database, caller, { ...input, proofId }),
      }),
    ["roleDefinitionId"],
  ),
  "editing the settings of several roles": verb(
    "update-settings-of-roles",
    async ({ at, place, admin }) => {
      const names = ["Reader", "Operator"];
      const made = await Promise.all(
        names.map((name) => makeRole(at.database, name, { actions: ["*/read"] })),
      );
      return given({
        caller: admin,
        input: {
          resourceId: place.id,
          roles: made.map(({ id }) => ({
            roleDefinitionId: id,
            expectedVersion: 0,
            changes: { activationMaximumMinutes: 60 },
          })),
        },
        operation: updateSettingsOfRolesOperation,
        run: (caller, input, proofId) => updateSettingsOfRoles(at.database, caller, { ...input, proofId }),
      });
    },
    ["roleDefinitionId"],
  ),
  "editing the organisation": verb("update-organisation", async ({ at, root }) => {
    await at.test.asOwner("INSERT INTO installation (id) VALUES (1) ON CONFLICT DO NOTHING");
    const { version } = await at.database.client.installation.findUniqueOrThrow({ where: { id: 1 } });
    return given({
      caller: root,
      input: {
        ...{ expectedVersion: version, displayName: `Fabrikam ${version}`, timeZone: "Europe/Berlin" },
        allowedMailDomains: [`d${version}.example`],
        alertAddresses: ["soc@contoso.example"],
      },
      operation: updateOrganisationOperation,
      run: (caller, input, proofId) => updateOrganisation(at.database, caller, { ...input, proofId }),
    });
  }),
  "editing alert settings": verb("update-alert-settings", async ({ at, place, admin }) =>
    given({
      caller: admin,
      input: {
        resourceId: place.id,
        choices: [
          {
            ...builtInSetting("EligibleNeverActivates"),
            kind: "EligibleNeverActivates" as const,
            threshold: 61,
            shown: builtInSetting("EligibleNeverActivates"),
          },
        ],
      },
      operation: updateAlertSettingsOperation,
      run: (caller, input, proofId) => updateAlertSettings(at.database, caller, { ...input, proofId }),
    }),
  ),
  "asking for a scan for alerts": verb("ask-for-scan", async ({ at, place, admin }) => {
    await at.database.client.alertScanState.update({
      where: { id: 1 },
      data: { wanted: false, askedAt: null },
    });
    return given({
      caller: admin,
      input: { resourceId: place.id },
      run: (caller, input) => askForScan(at.database, caller, input),
    });
  }),
  "dismissing an alert": verb("change-alert-state", async (ground) =>
    given({
      caller: ground.admin,
      input: { alertId: await alert(ground), verdict: "Dismiss" as const, reason: "Known" },
      run: (caller, input) => changeAlertState(ground.at.database, caller, input),
    }),
  ),
  "fixing an alert": verb("fix-alert", async (ground) =>
    given({
      caller: ground.admin,
      input: { alertId: await alert(ground) },
      run: (caller, input) => fixAlert(ground.at.database, caller, input),
    }),
  ),
  "deactivating a role": verb("deactivate-role", async (ground) => {
    const { member, assignmentId } = await activated(ground);
    return given({
      caller: member,
      input: { assignmentId },
      run: (caller, input) => deactivateRole(ground.at.database, caller, input),
    });
  }),
  "deactivating several roles": verb("deactivate-roles", async (ground) => {
    const { member, assignmentId } = await activated(ground);
    return given({
      caller: member,
      input: { assignmentIds: [assignmentId] },
      run: (caller, input) => deactivateRoles(ground.at.database, caller, input),
    });
  }),
};

/** Somebody with a role that they activated ten minutes ago. */
async function activated({ at, place, now }: Ground) {
  const role = await makeRole(at.database, "Reader", { actions: ["*/read"] });
  const member = await at.person("Max Member");
  const eligibility = await grant(at.database, "eligible", member.userId, role.id, place.id);
  const held = await inTransaction(at.database, (transaction) =>
    makeActivation(transaction, eligibility, new Date(now.getTime() - 600_000), 60),
  );
  return { member, assignmentId: held.id };
}
