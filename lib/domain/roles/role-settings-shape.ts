import { z } from "zod";
import { mailAddressOf } from "@/lib/domain/people/mail-address";
import { normalStage } from "@/lib/domain/roles/approval-settings";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";

/** The stages of an approval in the database and in forms. */
export const approvalStagesShape = z
  .array(
    z.strictObject({
      approverIds: z.array(z.uuid().toLowerCase()).max(100),
      approvalsNeeded: z.number("Enter how many must approve."),
      timeoutHours: z.number("Enter a time-out in hours."),
      escalationApproverIds: z.array(z.uuid().toLowerCase()).max(100),
    }),
  )
  .max(10)
  .transform((stages) => stages.map(normalStage));

const rule = z.strictObject({
  defaultRecipients: z.boolean(),
  additionalAddresses: z.array(z.string().max(320).transform(mailAddressOf)).max(50),
  criticalOnly: z.boolean(),
});
const recipients = z.strictObject({ Admin: rule, Requestor: rule, Approver: rule });
export const notificationsShape = z.strictObject({
  Admin_Eligibility: recipients,
  Admin_Assignment: recipients,
  EndUser_Assignment: recipients,
});

const settingsShape = z.strictObject({
  activationMaximumMinutes: z.number("Enter between 0.5 and 24 hours."),
  activationRequiresMfa: z.boolean(),
  activationPhishingResistant: z.boolean(),
  activationRequiresJustification: z.boolean(),
  activationRequiresTicket: z.boolean(),
  approvalRequired: z.boolean(),
  approvalStages: approvalStagesShape,
  approvalRequiresStepUp: z.boolean(),
  provisioningRequiresMfa: z.boolean(),
  breakGlassMaximumMinutes: z.number("Enter a maximum in hours.").nullable(),
  eligibleMaximumDays: z.number().nullable(),
  activeMaximumDays: z.number().nullable(),
  assignmentRequiresMfa: z.boolean(),
  assignmentPhishingResistant: z.boolean(),
  assignmentRequiresJustification: z.boolean(),
  notifications: notificationsShape,
});

/** The shape of role settings in a form. `roleSettingsFaults` judges their values. */
export const roleSettingsShape: z.ZodType<RoleSettings> = settingsShape;

/** The shape of some of them: those that change. */
export const changedSettingsShape: z.ZodType<Partial<RoleSettings>> = settingsShape.partial();
