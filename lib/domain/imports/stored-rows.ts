import { z } from "zod";
import type {
  GroupMemberRow,
  GroupRow,
  ResourceRow,
  RoleAssignmentRow,
  RoleDefinitionRow,
  RoleSettingsRow,
  UserRow,
} from "@/lib/domain/imports/import-kinds";
import { notificationEventNames, notificationRecipientNames } from "@/lib/domain/roles/notification-settings";
import { changedSettingsShape } from "@/lib/domain/roles/role-settings-shape";

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
  roleSettings: z.object({
    role: text,
    roleDefinitionName: textOrNone,
    scope: text,
    settings: changedSettingsShape,
    stages: z.array(z.object({ approvers: texts, timeoutHours: z.number(), escalation: texts })).nullable(),
    notifications: z.array(
      z.object({
        event: z.enum(notificationEventNames),
        recipient: z.enum(notificationRecipientNames),
        rule: z.object({
          defaultRecipients: z.boolean(),
          additionalAddresses: texts,
          criticalOnly: z.boolean(),
        }),
      }),
    ),
    notes: texts,
  }) satisfies z.ZodType<RoleSettingsRow>,
};
