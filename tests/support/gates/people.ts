import { randomUUID } from "node:crypto";
import { builtInSetting } from "@/lib/domain/alerts/alert-setting";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ImportKind } from "@/lib/domain/imports/import-kinds";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays } from "@/lib/domain/time/schedule";
import {
  updateAlertSettings,
  updateAlertSettingsOperation,
} from "@/lib/operations/alerts/update-alert-settings";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import { confirmImport } from "@/lib/operations/imports/confirm-import";
import { applyImportOperation } from "@/lib/operations/imports/load-import";
import {
  saveImportSchedule,
  saveImportScheduleOperation,
} from "@/lib/operations/imports/save-import-schedule";
import { stageImport } from "@/lib/operations/imports/stage-import";
import {
  updateOrganisation,
  updateOrganisationOperation,
} from "@/lib/operations/notifications/update-organisation";
import { addGroupMembers, addGroupMembersOperation } from "@/lib/operations/people/add-group-members";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { issueIdentityLink } from "@/lib/operations/people/issue-identity-link";
import { issueSignIn } from "@/lib/operations/people/issue-sign-in";
import { removeIdentityLink } from "@/lib/operations/people/remove-identity-link";
import { resetAuthenticator } from "@/lib/operations/people/reset-authenticator";
import { setManager } from "@/lib/operations/people/set-manager";
import { updatePrincipal } from "@/lib/operations/people/update-principal";
import { createRoleDefinition } from "@/lib/operations/roles/create-role-definition";
import {
  updateRoleDefinition,
  updateRoleDefinitionOperation,
} from "@/lib/operations/roles/update-role-definition";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import {
  updateSettingsOfRoles,
  updateSettingsOfRolesOperation,
} from "@/lib/operations/roles/update-settings-of-roles";
import { grant, makeGroup, makeRole } from "../factories";
import { assignmentInstance } from "../pim-answers";
import { importPlan } from "../verbs/scheduled-imports";
import { type Gated, type Gates, outcomeOf, reason, type World } from "./gate";
import { enrolled } from "./members";

function overPerson(
  kind: "EnablePrincipal" | "IssueSignIn" | "ResetAuthenticator",
  run: (
    world: World,
    input: { principalId: string; justification: string; proofId: string | null },
  ) => Promise<OperationResult<object>>,
  before: (world: World, principalId: string) => Promise<unknown>,
) {
  return async (world: World): Promise<Gated> => {
    const person = await enrolled(world);
    const role = await world.protectedRole();
    await grant(world.database, "active", person.userId, role.id, world.tree.subscription.id);
    await before(world, person.userId);
    return {
      caller: world.owner,
      operation: { kind, principalId: person.userId },
      run: async (proofId) => outcomeOf(await run(world, { principalId: person.userId, ...reason, proofId })),
    };
  };
}

/** An import that is read and waits to be confirmed and applied. */
export async function importing(
  { database, owner }: World,
  kind: ImportKind,
  rows: readonly object[],
  group: string | null = null,
  does: "Add" | "Change" = "Add",
): Promise<Gated> {
  const staged = await stageImport(database, owner, {
    kind,
    fileName: "rows.json",
    content: JSON.stringify(rows),
    capToMaximum: false,
    group,
    removeMembers: false,
  });
  if (!staged.ok) throw new Error(JSON.stringify(staged.error));
  const { importId } = staged;
  const found = await database.client.import.findUniqueOrThrow({
    where: { id: importId },
    include: { rows: true },
  });
  for (const { outcome, reason: why } of found.rows) if (outcome !== does) throw new Error(why ?? outcome);
  return {
    caller: owner,
    operation: applyImportOperation(found),
    run: async (proofId) => {
      const confirmed = await confirmImport(database, owner, { importId, ...reason, proofId });
      await applyImports(database);
      return outcomeOf(confirmed);
    },
  };
}

/** Ways to grant access other than an assignment. */
export const gatesOfPeople: Gates = {
  "changing the organisation's settings": {
    file: "update-organisation.ts",
    kind: "UpdateOrganisation",
    async arrange({ database, owner }) {
      const { version } = await database.client.installation.findUniqueOrThrow({ where: { id: 1 } });
      const input = {
        ...{ expectedVersion: version, displayName: "Fabrikam", timeZone: "Europe/Berlin" },
        allowedMailDomains: ["contoso.example"],
        alertAddresses: ["soc@contoso.example"],
      };
      return {
        caller: owner,
        operation: updateOrganisationOperation(input),
        run: async (proofId) => outcomeOf(await updateOrganisation(database, owner, { ...input, proofId })),
      };
    },
  },
  "raising fewer alerts": {
    file: "update-alert-settings.ts",
    kind: "UpdateAlertSettings",
    async arrange({ database, owner, tree }) {
      const shown = builtInSetting("TooManyOwners");
      const place = await database.client.resource.create({
        data: {
          ...{
            parentId: tree.subscription.id,
            displayName: "alerts",
            resourceType: "Microsoft.Resources/resourceGroups",
          },
          scope: `${tree.subscription.scope}/resourceGroups/${randomUUID()}`,
        },
      });
      const choice = { ...shown, kind: "TooManyOwners" as const, threshold: 400, percent: 10, shown };
      const input = { resourceId: place.id, choices: [choice] };
      return {
        caller: owner,
        operation: updateAlertSettingsOperation(input),
        run: async (proofId) => outcomeOf(await updateAlertSettings(database, owner, { ...input, proofId })),
      };
    },
  },
  "weakening role settings": {
    file: "update-role-settings.ts",
    kind: "UpdateRoleSettings",
    async arrange({ database, owner, tree }) {
      const role = await makeRole(database, "Operator", { actions: ["*/read"] });
      const input = {
        roleDefinitionId: role.id,
        resourceId: tree.subscription.id,
        expectedVersion: 0,
        settings: { ...defaultRoleSettings, activationRequiresMfa: false },
      };
      return {
        caller: owner,
        operation: { kind: "UpdateRoleSettings", ...input },
        run: async (proofId) => outcomeOf(await updateRoleSettings(database, owner, { ...input, proofId })),
      };
    },
  },
  "weakening the settings of several roles": {
    file: "update-settings-of-roles.ts",
    kind: "UpdateSettingsOfRoles",
    async arrange({ database, owner, tree }) {
      const changes = { activationRequiresMfa: false };
      const names = ["Operator", "Reader"];
      const made = await Promise.all(names.map((name) => makeRole(database, name, { actions: ["*/read"] })));
      const roles = made.map(({ id }) => ({ roleDefinitionId: id, expectedVersion: 0, changes }));
      const input = { resourceId: tree.subscription.id, roles };
      return {
        caller: owner,
        operation: updateSettingsOfRolesOperation(input),
        run: async (proofId) =>
          outcomeOf(await updateSettingsOfRoles(database, owner, { ...input, proofId })),
      };
    },
  },

  "adding to a group": {
    file: "add-group-members.ts",
    kind: "AddGroupMembers",
    async arrange({ database, owner, tree, ...world }) {
      const group = await makeGroup(database, []);
      const role = await world.protectedRole();
      await grant(database, "active", group.id, role.id, tree.subscription.id);
      const people = [await world.person("Ada"), await world.person("Ben")];
      const input = { groupId: group.id, memberIds: people.map(({ userId }) => userId), ...reason };
      return {
        caller: owner,
        operation: addGroupMembersOperation(input),
        run: async (proofId) => outcomeOf(await addGroupMembers(database, owner, { ...input, proofId })),
      };
    },
  },

  "changing an address": {
    file: "update-principal.ts",
    kind: "ChangeIdentifiers",
    async arrange({ database, owner, ...world }) {
      const { userId: principalId, displayName, email } = await world.person("Moved Person");
      const from = { email, externalId: null, groupName: null };
      const to = { email: `moved-${randomUUID()}@contoso.example`, externalId: `id-${principalId}` };
      return {
        caller: owner,
        operation: { kind: "ChangeIdentifiers", principalId, from, to: { ...to, groupName: null } },
        run: async (proofId) =>
          outcomeOf(
            await updatePrincipal(database, owner, {
              ...{ principalId, expectedVersion: 0, displayName, ...to, proofId },
            }),
          ),
      };
    },
  },
  "enabling a person": {
    file: "enable-principal.ts",
    kind: "EnablePrincipal",
    arrange: overPerson(
      "EnablePrincipal",
      ({ database, owner }, input) => enablePrincipal(database, owner, input),
      ({ database, owner }, principalId) => disablePrincipal(database, owner, { principalId, ...reason }),
    ),
  },
  "naming somebody's manager": {
    file: "set-manager.ts",
    kind: "SetManager",
    async arrange({ database, owner, ...world }) {
      const { userId } = await world.person("Max Member");
      const asked = { userId, managerId: (await world.person("Mona Manager")).userId };
      return {
        caller: owner,
        operation: { kind: "SetManager", ...asked },
        run: async (proofId) => outcomeOf(await setManager(database, owner, { ...asked, proofId })),
      };
    },
  },
  "issuing a sign-in": {
    file: "issue-sign-in.ts",
    kind: "IssueSignIn",
    arrange: overPerson(
      "IssueSignIn",
      ({ database, owner }, input) => {
        const signIn = { kind: "Invitation" as const, tokenHash: new Uint8Array(32).fill(7) };
        return issueSignIn(database, owner, { ...input, signIn });
      },
      async () => {},
    ),
  },
  "issuing a link to an identity provider": {
    file: "issue-identity-link.ts",
    kind: "LinkIdentity",
    async arrange(world) {
      const { userId: principalId } = await world.person("Lena Link");
      const provider = { issuer: "https://id.example", name: "Example" };
      const tokenHash = new Uint8Array(32).fill(3);
      return {
        caller: world.owner,
        operation: { kind: "LinkIdentity", principalId, issuer: provider.issuer },
        run: async (proofId) =>
          outcomeOf(
            await issueIdentityLink(world.database, world.owner, {
              ...{ principalId, provider, tokenHash, ...reason, proofId },
            }),
          ),
      };
    },
  },
  "unlinking somebody from an identity provider": {
    file: "remove-identity-link.ts",
    kind: "UnlinkIdentity",
    async arrange(world) {
      const { userId: principalId } = await world.person("Lena Link");
      const data = { principalId, issuer: "https://id.example", subject: principalId };
      const { id: linkId } = await world.database.client.identityLink.create({ data });
      return {
        caller: world.owner,
        operation: { kind: "UnlinkIdentity", principalId, linkId },
        run: async (proofId) =>
          outcomeOf(
            await removeIdentityLink(world.database, world.owner, {
              ...{ principalId, linkId, provider: "Example", ...reason, proofId },
            }),
          ),
      };
    },
  },
  "resetting somebody's authenticator app": {
    file: "reset-authenticator.ts",
    kind: "ResetAuthenticator",
    arrange: overPerson(
      "ResetAuthenticator",
      ({ database, owner }, input) => resetAuthenticator(database, owner, input),
      async () => {},
    ),
  },

  "scheduling an import": {
    file: "save-import-schedule.ts",
    kind: "SaveImportSchedule",
    async arrange({ database, owner }) {
      const input = { scheduleId: null, expectedVersion: 0, plan: importPlan };
      return {
        caller: owner,
        operation: saveImportScheduleOperation(input),
        run: async (proofId) =>
          outcomeOf(
            await saveImportSchedule(database, owner, {
              ...{ ...input, configured: { folder: true, hosts: [] }, proofId },
            }),
          ),
      };
    },
  },

  "importing assignments": {
    file: "confirm-import.ts",
    kind: "ApplyImport",
    async arrange(world) {
      const member = await world.person("Max Member");
      const role = await world.protectedRole({ activeMaximumDays: null });
      const scope = world.tree.subscription.scope;
      return importing(world, "RoleAssignments", [
        { principalId: member.userId, roleDefinitionId: role.id, scope },
      ]);
    },
  },

  "importing active assignments of PIM": {
    file: "confirm-import.ts",
    kind: "ApplyImport",
    async arrange(world) {
      const member = await world.person("Max Member");
      const role = await world.protectedRole();
      return importing(world, "ActiveAssignments", [
        assignmentInstance({
          ...{ principalId: member.userId, roleDefinitionId: role.id, scope: world.tree.subscription.scope },
          endDateTime: addDays(world.now(), 30).toISOString(),
        }),
      ]);
    },
  },

  "importing members of a group": {
    file: "confirm-import.ts",
    kind: "ApplyImport",
    async arrange(world) {
      const { database, tree } = world;
      const group = await makeGroup(database, [], `Imported Team ${randomUUID()}`);
      const role = await world.protectedRole();
      await grant(database, "active", group.id, role.id, tree.subscription.id);
      const member = await world.person("Ada");
      return importing(world, "GroupMembers", [{ id: member.userId, displayName: "Ada" }], group.displayName);
    },
  },

  "widening a custom role": {
    file: "update-role-definition.ts",
    kind: "UpdateRoleDefinition",
    async arrange({ database, owner, tree, ...world }) {
      const member = await world.person("Max Member");
      const permission = {
        actions: ["Microsoft.Web/sites/read"],
        notActions: [],
        dataActions: [],
        notDataActions: [],
      };
      const definition = {
        roleName: `Deployer of ${member.userId}`,
        description: "Deploys",
        permission,
        assignableScopes: [tree.subscription.scope],
      };
      const made = await createRoleDefinition(database, owner, definition);
      if (!made.ok) throw new Error(JSON.stringify(made.error));
      const { roleDefinitionId } = made;
      // The settings require no proof, and nobody holds the role actively.
      await grant(database, "eligible", member.userId, roleDefinitionId, tree.subscription.id);
      const input = {
        roleDefinitionId,
        expectedVersion: 0,
        definition: { ...definition, permission: { ...permission, actions: ["Microsoft.Web/*"] } },
        ...reason,
      };
      return {
        caller: owner,
        operation: updateRoleDefinitionOperation(input),
        run: async (proofId) => outcomeOf(await updateRoleDefinition(database, owner, { ...input, proofId })),
      };
    },
  },
};
