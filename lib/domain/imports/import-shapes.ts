import { z } from "zod";
import { activeAssignment, eligibility, idAtEnd, roleAssignment } from "@/lib/domain/imports/access-shapes";
import { addressFault, addressOf } from "@/lib/domain/imports/import-addresses";
import { described, nameOf, optional, optionalName, rootOrScope } from "@/lib/domain/imports/import-fields";
import type { GroupMemberRow, GroupRow, RoleDefinitionRow, UserRow } from "@/lib/domain/imports/import-kinds";
import {
  hierarchyEntry,
  managementGroup,
  resource,
  resourceGroup,
  subscription,
} from "@/lib/domain/imports/resource-shapes";
import { roleSettings } from "@/lib/domain/imports/settings-shape";
import { addressOrText } from "@/lib/domain/people/mail-address";
import { displayNameField, externalIdField } from "@/lib/domain/people/principal";
import { limits } from "@/lib/domain/text/limits";

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

/** Turns the JSON entries of each kind into rows. Unknown properties are ignored. */
export const entryShapes = {
  ManagementGroups: managementGroup,
  Hierarchy: hierarchyEntry,
  Subscriptions: subscription,
  ResourceGroups: resourceGroup,
  Resources: resource,
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
  RoleAssignments: roleAssignment,
  ActiveAssignments: activeAssignment,
  Eligibilities: eligibility,
  RoleSettings: roleSettings,
} as const;
