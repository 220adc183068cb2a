import { randomUUID } from "node:crypto";
import { addDays } from "@/lib/domain/time/schedule";
import {
  approveConflictException,
  approveConflictExceptionOperation,
} from "@/lib/operations/roles/approve-conflict-exception";
import { createConflictRule } from "@/lib/operations/roles/create-conflict-rule";
import { removeConflictRule, removeConflictRuleOperation } from "@/lib/operations/roles/remove-conflict-rule";
import { requestConflictException } from "@/lib/operations/roles/request-conflict-exception";
import { updateConflictRule, updateConflictRuleOperation } from "@/lib/operations/roles/update-conflict-rule";
import { grant, makeRole } from "../factories";
import { type Gates, outcomeOf, reason, type World } from "./gate";

/** A rule between roles, as it was made, and a role that it does not name. */
async function conflictRule({ database, owner, tree }: World) {
  const role = (name: string) => makeRole(database, name, { actions: ["*/read"] });
  const fields = {
    name: "Payments",
    reason: "Two pairs of eyes",
    firstRoleIds: [(await role("Enter")).id, (await role("Change")).id],
    secondRoleIds: [(await role("Approve")).id],
  };
  // A name belongs to one rule of a resource.
  const place = await database.client.resource.create({
    data: {
      parentId: tree.subscription.id,
      scope: `${tree.subscription.scope}/resourceGroups/${randomUUID()}`,
      displayName: "payments",
      resourceType: "Microsoft.Resources/resourceGroups",
    },
  });
  const made = await createConflictRule(database, owner, { resourceId: place.id, rule: fields });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return { rule: made.ruleId, fields, other: await role("Read") };
}

/** Changes of rules that allow what they forbade. */
export const gatesOfConflicts: Gates = {
  "allowing conflicting roles together": {
    file: "update-conflict-rule.ts",
    kind: "UpdateConflictRule",
    async arrange(world) {
      const { database, owner } = world;
      const { rule, fields, other } = await conflictRule(world);
      const firstRoleIds = [other.id, ...fields.firstRoleIds.slice(1)];
      const input = { ruleId: rule, expectedVersion: 1, rule: { ...fields, firstRoleIds } };
      return {
        caller: owner,
        operation: updateConflictRuleOperation(input),
        run: async (proofId) => outcomeOf(await updateConflictRule(database, owner, { ...input, proofId })),
      };
    },
  },

  "removing a conflict rule": {
    file: "remove-conflict-rule.ts",
    kind: "RemoveConflictRule",
    async arrange(world) {
      const { database, owner } = world;
      const { rule } = await conflictRule(world);
      const input = { ruleId: rule, expectedVersion: 1, ...reason };
      return {
        caller: owner,
        operation: removeConflictRuleOperation(input),
        run: async (proofId) => outcomeOf(await removeConflictRule(database, owner, { ...input, proofId })),
      };
    },
  },

  "approving an exception from a conflict rule": {
    file: "approve-conflict-exception.ts",
    kind: "ApproveConflictException",
    async arrange(world) {
      const { database, owner, tree } = world;
      const { rule } = await conflictRule(world);
      const asker = await world.person("Anna Administrator");
      const settings = await makeRole(database, "Settings", {
        actions: ["Microsoft.Authorization/roleManagementPolicies/*"],
      });
      await grant(database, "active", asker.userId, settings.id, tree.root.id);
      const asked = await requestConflictException(database, asker, {
        ruleId: rule,
        principalId: (await world.person("Pat Person")).userId,
        endsAt: addDays(world.now(), 7),
        ...reason,
      });
      if (!asked.ok) throw new Error(JSON.stringify(asked.error));
      const input = { exceptionId: asked.exceptionId, ...reason };
      return {
        caller: owner,
        operation: approveConflictExceptionOperation(input),
        run: async (proofId) =>
          outcomeOf(await approveConflictException(database, owner, { ...input, proofId })),
      };
    },
  },
};
