import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { approvalStagesShape, notificationsShape } from "@/lib/domain/roles/role-settings-shape";
import { Prisma } from "@/lib/platform/generated/client";

/** A policy's columns as the database answers them. The JSON is not parsed yet. */
export type PolicyColumns = Omit<RoleSettings, "approvalStages" | "notifications"> & {
  readonly approvalStages: unknown;
  readonly notifications: unknown;
};

/** The columns of `role_management_policies` that role settings are read from, for a raw query. */
export const policyColumns = Prisma.sql`
  activation_maximum_minutes AS "activationMaximumMinutes",
  activation_requires_mfa AS "activationRequiresMfa",
  activation_phishing_resistant AS "activationPhishingResistant",
  activation_requires_justification AS "activationRequiresJustification",
  activation_requires_ticket AS "activationRequiresTicket",
  approval_required AS "approvalRequired",
  approval_stages AS "approvalStages",
  approval_requires_step_up AS "approvalRequiresStepUp",
  provisioning_requires_mfa AS "provisioningRequiresMfa",
  break_glass_maximum_minutes AS "breakGlassMaximumMinutes",
  eligible_maximum_days AS "eligibleMaximumDays",
  active_maximum_days AS "activeMaximumDays",
  assignment_requires_mfa AS "assignmentRequiresMfa",
  assignment_phishing_resistant AS "assignmentPhishingResistant",
  assignment_requires_justification AS "assignmentRequiresJustification",
  notifications`;

/** The role settings in a policy's row. Throws if its JSON is not what the program wrote. */
export function settingsOfPolicy(row: PolicyColumns): RoleSettings {
  return {
    activationMaximumMinutes: row.activationMaximumMinutes,
    activationRequiresMfa: row.activationRequiresMfa,
    activationPhishingResistant: row.activationPhishingResistant,
    activationRequiresJustification: row.activationRequiresJustification,
    activationRequiresTicket: row.activationRequiresTicket,
    approvalRequired: row.approvalRequired,
    approvalStages: approvalStagesShape.parse(row.approvalStages),
    approvalRequiresStepUp: row.approvalRequiresStepUp,
    provisioningRequiresMfa: row.provisioningRequiresMfa,
    breakGlassMaximumMinutes: row.breakGlassMaximumMinutes,
    eligibleMaximumDays: row.eligibleMaximumDays,
    activeMaximumDays: row.activeMaximumDays,
    assignmentRequiresMfa: row.assignmentRequiresMfa,
    assignmentPhishingResistant: row.assignmentPhishingResistant,
    assignmentRequiresJustification: row.assignmentRequiresJustification,
    notifications: notificationsShape.parse(row.notifications),
  };
}
