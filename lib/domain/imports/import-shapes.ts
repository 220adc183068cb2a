import { z } from "zod";
import { addressFault, addressOf } from "@/lib/domain/imports/import-addresses";
import {
  described,
  nameOf,
  nameText,
  optional,
  optionalName,
  optionalNameOf,
  optionalScope,
  rootOrScope,
  scope,
  scopeText,
} from "@/lib/domain/imports/import-fields";
import type {
  GroupMemberRow,
  GroupRow,
  ResourceRow,
  RoleAssignmentRow,
  RoleDefinitionRow,
  UserRow,
} from "@/lib/domain/imports/import-kinds";
import { addressOrText } from "@/lib/domain/people/mail-address";
import { displayNameField, externalIdField } from "@/lib/domain/people/principal";
import { normalisedScope } from "@/lib/domain/resources/scope";
import { limits } from "@/lib/domain/text/limits";
import { uuidAtEnd } from "@/lib/domain/text/uuid";

const managementGroup = "/providers/Microsoft.Management/managementGroups/";
const managementGroupId = scopeText.refine(
  (value) => /^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+$/i.test(value),
  `is not the id of a management group, such as ${managementGroup}NAME`,
);
const isSubscription = /^\/subscriptions\/[^/]+$/i;
/** The id that a role definition's scope ends with. */
const idAtEnd = (text: string | null) => uuidAtEnd(normalisedScope(text ?? ""));
const patterns = z
  .array(z.string().trim().max(limits.patternLength, "has a pattern that is too long"))
  .max(limits.patterns, "has too many patterns")
  .nullish();
const permission = z
  .object({
    actions: patterns,
    notActions: patterns,
    dataActions: patterns,
    notDataActions: patterns,
    condition: z.string().nullish(),
  })
  .transform((value) => ({
    conditional: Boolean(value.condition),
    actions: value.actions ?? [],
    notActions: value.notActions ?? [],
    dataActions: value.dataActions ?? [],
    notDataActions: value.notDataActions ?? [],
  }));

const resourceOf = (type: string) => (row: { id: string; name: string; type?: string | null }) => ({
  scope: row.id,
  displayName: row.name,
  resourceType: row.type ?? type,
  parentScope: null,
});

const principalTypes = ["User", "Group", "ServicePrincipal"] as const;

/** The type that a file names, if any; or why nothing is assigned to it. */
function principalTypeOf(
  text: string | null,
):
  | { readonly type: RoleAssignmentRow["principalType"]; readonly fault: null }
  | { readonly type: null; readonly fault: string } {
  const type = principalTypes.find((each) => each.toLowerCase() === text?.toLowerCase()) ?? null;
  if (text === null || type !== null) return { type, fault: null };
  return {
    type: null,
    fault:
      text.toLowerCase() === "unknown"
        ? "is Unknown, as Azure says of a principal that was deleted there"
        : `is none of ${principalTypes.join(", ")}`,
  };
}

/** Turns the JSON entries of each kind into rows. Unknown properties are ignored. */
export const entryShapes = {
  ManagementGroups: z
    .object({
      id: managementGroupId,
      displayName: optionalNameOf(limits.resourceName),
      name: optionalNameOf(limits.resourceName),
      parent: optionalScope,
    })
    .transform(
      (row): ResourceRow => ({
        scope: row.id,
        displayName: row.displayName ?? row.name ?? row.id.slice(managementGroup.length),
        resourceType: "Microsoft.Management/managementGroups",
        parentScope: row.parent,
      }),
    ),
  ResourceGroups: z
    .object({
      id: scope.refine(
        (value) => /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/i.test(value),
        "is not the id of a resource group",
      ),
      name: nameOf(limits.resourceName),
    })
    .transform((row): ResourceRow => resourceOf("Microsoft.Resources/resourceGroups")(row)),
  Resources: z
    .object({
      id: scope.refine(
        (value) => /^\/subscriptions\/[^/]+/i.test(value),
        "does not begin with /subscriptions/",
      ),
      name: nameOf(limits.resourceName),
      type: nameText,
      parent: optionalScope,
    })
    .transform((row, context): ResourceRow => {
      if (row.parent !== null && !isSubscription.test(row.id)) {
        const message = "is for subscriptions: anything below one lies where its id says";
        context.addIssue({ code: "custom", path: ["parent"], message });
        return z.NEVER;
      }
      return { ...resourceOf("")(row), parentScope: row.parent };
    }),
  Users: z
    .object({
      id: externalIdField,
      objectId: externalIdField,
      displayName: displayNameField,
      userPrincipalName: optional,
      mail: optional,
      email: optional,
      accountEnabled: z.boolean().nullish(),
    })
    .transform((row, context): UserRow => {
      const email = addressOf(row);
      if (email === null) {
        context.addIssue({ code: "custom", ...addressFault(row) });
        return z.NEVER;
      }
      return {
        externalId: row.id ?? row.objectId,
        displayName: row.displayName,
        email,
        enabled: row.accountEnabled !== false,
      };
    }),
  Groups: z
    .object({
      id: externalIdField,
      objectId: externalIdField,
      displayName: displayNameField,
      userPrincipalName: optional.refine((value) => value === null, "is what users have: import it as one"),
      appId: optional.refine((value) => value === null, "is what service principals have: this is no group"),
    })
    .transform((row): GroupRow => ({ externalId: row.id ?? row.objectId, displayName: row.displayName })),
  GroupMembers: z
    .object({
      group: optionalName,
      member: optionalName,
      id: optionalName,
      objectId: optionalName,
      userPrincipalName: optionalName,
      displayName: optionalName,
    })
    .transform((row, context): GroupMemberRow => {
      const member = row.member ?? row.id ?? row.objectId ?? row.userPrincipalName;
      if (row.group === null) {
        context.addIssue({ code: "custom", path: ["group"], message: "is missing: name the group" });
      }
      if (member === null) context.addIssue({ code: "custom", path: ["member"], message: "is missing" });
      if (row.group === null || member === null) return z.NEVER;
      return {
        group: row.group,
        member: addressOrText(member),
        memberName: row.displayName ?? row.userPrincipalName,
      };
    }),
  RoleDefinitions: z
    .object({
      name: optional,
      id: optional,
      roleName: nameOf(limits.roleName),
      roleType: optional,
      description: described,
      permissions: z.array(permission).min(1, "is empty").max(20),
      assignableScopes: z
        .array(rootOrScope)
        .min(1, "is empty")
        .max(limits.assignableScopes, "has too many scopes"),
    })
    .transform((row, context): RoleDefinitionRow => {
      const builtIn = row.roleType?.toLowerCase() === "builtinrole";
      // Built-in roles come with Postern, whatever the file says.
      if (!builtIn && row.permissions.some((each) => each.conditional)) {
        const message = "is set: Postern has no conditions, and without it the role would allow more";
        context.addIssue({ code: "custom", path: ["condition"], message });
        return z.NEVER;
      }
      return {
        id: (idAtEnd(row.name) ?? idAtEnd(row.id))?.toLowerCase() ?? null,
        roleName: row.roleName,
        builtIn,
        description: row.description,
        permissions: row.permissions.map(({ conditional: _, ...each }) => each),
        assignableScopes: row.assignableScopes,
      };
    }),
  RoleAssignments: z
    .object({
      principalId: optionalName,
      principal: optionalName,
      principalName: optionalNameOf(limits.displayName),
      principalType: optional,
      roleDefinitionId: optional,
      role: optionalName,
      roleDefinitionName: optionalName,
      scope: rootOrScope,
      condition: z
        .string()
        .nullish()
        .refine(
          (value) => !value,
          "is set: Postern has no conditions, and without it the access would be wider",
        ),
    })
    .transform((row, context): RoleAssignmentRow => {
      const type = principalTypeOf(row.principalType);
      if (type.fault !== null) {
        context.addIssue({ code: "custom", path: ["principalType"], message: type.fault });
      }
      const principal = row.principal ?? row.principalId ?? row.principalName;
      const role = row.role ?? idAtEnd(row.roleDefinitionId) ?? row.roleDefinitionName;
      if (principal === null)
        context.addIssue({ code: "custom", path: ["principal"], message: "is missing" });
      if (!role) context.addIssue({ code: "custom", path: ["role"], message: "is missing" });
      if (type.fault !== null || principal === null || !role) return z.NEVER;
      const { principalName, roleDefinitionName, scope: at } = row;
      return {
        principal: addressOrText(principal),
        principalType: type.type,
        principalName,
        role,
        roleDefinitionName,
        scope: at,
      };
    }),
} as const;
