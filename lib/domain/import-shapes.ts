import { z } from "zod";
import type {
  GroupMemberRow,
  GroupRow,
  ResourceRow,
  RoleAssignmentRow,
  RoleDefinitionRow,
  UserRow,
} from "@/lib/domain/import-kinds";
import { displayNameField, emailField } from "@/lib/domain/principal";

const text = z.string().trim().min(1, "is empty").max(1_000, "is too long");
const optional = z
  .string()
  .trim()
  .max(1_000, "is too long")
  .nullish()
  .transform((value) => value || null);
const externalId = optional.refine((value) => value === null || !/\s/.test(value), "has a space in it");
const rootOrScope = text.refine(
  (value) => value === "/" || /^(\/[^/]+)+$/.test(value),
  "is not a scope, such as /subscriptions/…",
);
const scope = text.refine((value) => /^(\/[^/]+)+$/.test(value), "is not a scope, such as /subscriptions/…");
const managementGroup = "/providers/Microsoft.Management/managementGroups/";
const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const patterns = z.array(z.string().trim().max(300)).max(2_000).nullish();
const permission = z
  .object({ actions: patterns, notActions: patterns, dataActions: patterns, notDataActions: patterns })
  .transform((value) => ({
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

/** What each kind's JSON entry says, as a row. Unknown properties are left aside. */
export const entryShapes = {
  ManagementGroups: z
    .object({
      id: scope.refine(
        (value) => value.toLowerCase().startsWith(managementGroup.toLowerCase()),
        `does not begin with ${managementGroup}`,
      ),
      displayName: optional,
      name: optional,
      parent: optional,
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
      name: text,
    })
    .transform((row): ResourceRow => resourceOf("Microsoft.Resources/resourceGroups")(row)),
  Resources: z
    .object({
      id: scope.refine(
        (value) => /^\/subscriptions\/[^/]+/i.test(value),
        "does not begin with /subscriptions/",
      ),
      name: text,
      type: text,
    })
    .transform((row): ResourceRow => resourceOf("")(row)),
  Users: z
    .object({
      id: externalId,
      displayName: displayNameField,
      userPrincipalName: optional,
      mail: optional,
      email: optional,
      accountEnabled: z.boolean().nullish(),
    })
    .transform((row, context): UserRow => {
      const candidates = [row.email, row.userPrincipalName, row.mail].filter((value) => value !== null);
      const email = candidates.map((value) => emailField.safeParse(value)).find((each) => each.success);
      if (!email?.success) {
        context.addIssue({ code: "custom", path: ["email"], message: "is not an email address" });
        return z.NEVER;
      }
      return {
        externalId: row.id,
        displayName: row.displayName,
        email: email.data,
        enabled: row.accountEnabled !== false,
      };
    }),
  Groups: z
    .object({
      id: externalId,
      displayName: displayNameField,
      userPrincipalName: optional.refine((value) => value === null, "is what users have: import it as one"),
      appId: optional.refine((value) => value === null, "is what service principals have: this is no group"),
    })
    .transform((row): GroupRow => ({ externalId: row.id, displayName: row.displayName })),
  GroupMembers: z
    .object({
      group: optional,
      member: optional,
      id: optional,
      userPrincipalName: optional,
      displayName: optional,
    })
    .transform((row, context): GroupMemberRow => {
      const member = row.member ?? row.id ?? row.userPrincipalName;
      if (row.group === null) {
        context.addIssue({ code: "custom", path: ["group"], message: "is missing: name the group" });
      }
      if (member === null) context.addIssue({ code: "custom", path: ["member"], message: "is missing" });
      if (row.group === null || member === null) return z.NEVER;
      return { group: row.group, member, memberName: row.displayName ?? row.userPrincipalName };
    }),
  RoleDefinitions: z
    .object({
      name: optional,
      id: optional,
      roleName: text,
      roleType: optional,
      description: z.string().nullish(),
      permissions: z.array(permission).min(1, "is empty").max(20),
      assignableScopes: z.array(text).min(1, "is empty").max(2_000),
    })
    .transform(
      (row): RoleDefinitionRow => ({
        id: (uuid.exec(row.name ?? "") ?? uuid.exec(row.id ?? ""))?.[0]?.toLowerCase() ?? null,
        roleName: row.roleName,
        builtIn: row.roleType?.toLowerCase() === "builtinrole",
        description: row.description ?? "",
        permissions: row.permissions,
        assignableScopes: row.assignableScopes,
      }),
    ),
  RoleAssignments: z
    .object({
      principalId: optional,
      principal: optional,
      principalName: optional,
      principalType: z.enum(["User", "Group", "ServicePrincipal"]).or(z.literal("")).nullish(),
      roleDefinitionId: optional,
      role: optional,
      roleDefinitionName: optional,
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
      const principal = row.principal ?? row.principalId ?? row.principalName;
      const role = row.role ?? uuid.exec(row.roleDefinitionId ?? "")?.[0] ?? row.roleDefinitionName;
      if (principal === null)
        context.addIssue({ code: "custom", path: ["principal"], message: "is missing" });
      if (!role) context.addIssue({ code: "custom", path: ["role"], message: "is missing" });
      if (principal === null || !role) return z.NEVER;
      const { principalName, scope: at } = row;
      return { principal, principalType: row.principalType || null, principalName, role, scope: at };
    }),
} as const;
