import { z } from "zod";
import type {
  GroupMemberRow,
  GroupRow,
  ResourceRow,
  RoleAssignmentRow,
  RoleDefinitionRow,
  UserRow,
} from "@/lib/domain/imports/import-kinds";

const text = z.string();
const textOrNone = z.string().nullable();
const texts = z.array(z.string());

/** The rows of an import as they are stored between reading the file and applying it. */
export const storedRows = {
  resource: z.object({
    scope: text,
    displayName: text,
    resourceType: text,
    parentScope: textOrNone,
    tenantId: textOrNone.optional(),
  }) satisfies z.ZodType<ResourceRow>,
  user: z.object({
    externalId: textOrNone,
    displayName: text,
    email: text,
    enabled: z.boolean(),
  }) satisfies z.ZodType<UserRow>,
  group: z.object({ externalId: textOrNone, displayName: text }) satisfies z.ZodType<GroupRow>,
  groupMember: z
    .object({
      group: text,
      member: text,
      memberName: textOrNone,
      removeMembers: z.literal(true).optional(),
    })
    .transform(
      ({ removeMembers, ...row }): GroupMemberRow => (removeMembers ? { ...row, removeMembers } : row),
    ),
  roleDefinition: z.object({
    id: textOrNone,
    roleName: text,
    builtIn: z.boolean(),
    description: text,
    permissions: z.array(
      z.object({ actions: texts, notActions: texts, dataActions: texts, notDataActions: texts }),
    ),
    assignableScopes: texts,
  }) satisfies z.ZodType<RoleDefinitionRow>,
  roleAssignment: z.object({
    principal: text,
    principalType: z.enum(["User", "Group", "ServicePrincipal"]).nullable(),
    principalName: textOrNone,
    role: text,
    roleDefinitionName: textOrNone,
    scope: text,
    startsAt: textOrNone.optional(),
    endsAt: textOrNone.optional(),
  }) satisfies z.ZodType<RoleAssignmentRow>,
};
