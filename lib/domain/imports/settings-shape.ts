import { z } from "zod";
import { idAtEnd } from "@/lib/domain/imports/access-shapes";
import { optional, optionalName, rootOrScope } from "@/lib/domain/imports/import-fields";
import type { RoleSettingsRow } from "@/lib/domain/imports/import-kinds";
import { pimRule, readPimRules } from "@/lib/domain/imports/pim-rules";

const rules = z.array(pimRule).max(100);

/**
 * An entry of `roleManagementPolicyAssignments`: the rules of a role at a scope. An entry of
 * `roleManagementPolicies` has the same rules, but does not name the role.
 */
export const roleSettings = z
  .object({
    role: optionalName,
    roleDefinitionId: optional,
    roleDefinitionName: optionalName,
    scope: rootOrScope,
    effectiveRules: rules.nullish(),
    rules: rules.nullish(),
  })
  .transform((row, context): RoleSettingsRow => {
    const role = row.role ?? idAtEnd(row.roleDefinitionId) ?? row.roleDefinitionName;
    const found = row.effectiveRules ?? row.rules;
    if (!role) {
      const message =
        "is missing: roleManagementPolicies name no role. Import roleManagementPolicyAssignments, which have the same rules";
      context.addIssue({ code: "custom", path: ["roleDefinitionId"], message });
    } else if (!found || found.length === 0) {
      context.addIssue({ code: "custom", path: ["effectiveRules"], message: "is missing or empty" });
    }
    if (!role || !found) return z.NEVER;
    const { scope, roleDefinitionName } = row;
    return { scope, role, roleDefinitionName, ...readPimRules(found) };
  });
