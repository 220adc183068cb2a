import fc from "fast-check";
import { type ApprovalStage, normalStage } from "@/lib/domain/roles/approval-settings";
import type { NotificationRule, NotificationSettings } from "@/lib/domain/roles/notification-settings";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";

const people = fc.uniqueArray(fc.constantFrom("ada", "bob", "cyd", "dan"), { maxLength: 4 });

/** A valid approval stage. */
export const stage: fc.Arbitrary<ApprovalStage> = fc
  .record({
    approverIds: people.filter((ids) => ids.length > 0),
    approvalsNeeded: fc.integer({ min: 1, max: 3 }),
    timeoutHours: fc.integer({ min: 1, max: 48 }),
    escalationApproverIds: people,
  })
  .map(normalStage);

const rule: fc.Arbitrary<NotificationRule> = fc.record({
  defaultRecipients: fc.boolean(),
  additionalAddresses: fc
    .uniqueArray(fc.constantFrom("a@contoso.example", "b@contoso.example"), { maxLength: 2 })
    .map((addresses) => addresses.sort()),
  criticalOnly: fc.boolean(),
});
const recipients = fc.record({ Admin: rule, Requestor: rule, Approver: rule });

export const notifications: fc.Arbitrary<NotificationSettings> = fc.record({
  Admin_Eligibility: recipients,
  Admin_Assignment: recipients,
  EndUser_Assignment: recipients,
});

/** Valid role settings. */
export const settings: fc.Arbitrary<RoleSettings> = fc
  .record({
    activationMaximumMinutes: fc.integer({ min: 1, max: 48 }).map((half) => half * 30),
    activationRequiresMfa: fc.boolean(),
    activationPhishingResistant: fc.boolean(),
    activationRequiresJustification: fc.boolean(),
    activationRequiresTicket: fc.boolean(),
    approvalRequired: fc.boolean(),
    approvalStages: fc.uniqueArray(stage, { maxLength: 3, selector: (each) => JSON.stringify(each) }),
    approvalRequiresStepUp: fc.boolean(),
    provisioningRequiresMfa: fc.boolean(),
    breakGlassMaximumMinutes: fc.constantFrom(null, 30, 60),
    eligibleMaximumDays: fc.constantFrom(15, 30, 90, 180, 365, null),
    activeMaximumDays: fc.constantFrom(15, 30, 90, 180, null),
    assignmentRequiresMfa: fc.boolean(),
    assignmentPhishingResistant: fc.boolean(),
    assignmentRequiresJustification: fc.boolean(),
    notifications,
  })
  .map((each) =>
    (each.breakGlassMaximumMinutes ?? 0) > each.activationMaximumMinutes
      ? { ...each, breakGlassMaximumMinutes: each.activationMaximumMinutes }
      : each,
  )
  .filter((each) => !each.approvalRequired || each.approvalStages.length > 0);
