import { expect, it } from "vitest";
import type { OperationError } from "@/lib/domain/gate/operation-error";
import { emptyApprovalStage } from "@/lib/domain/roles/empty-approval-stage";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { roleSettingsFaults } from "@/lib/domain/roles/role-settings-faults";
import { outcomeOf, outcomeOfSeveral } from "@/lib/web/refusal-outcome";

it("says beside a field everything that is wrong with it, each once", () => {
  const settings = {
    ...defaultRoleSettings,
    approvalRequired: true,
    approvalStages: [emptyApprovalStage, { ...emptyApprovalStage, approverIds: ["a"], timeoutHours: 0 }],
    activeMaximumDays: 7,
  };
  const error: OperationError = { code: "InvalidSettings", faults: roleSettingsFaults(settings) };
  expect(outcomeOf(error, null)).toMatchObject({
    fieldErrors: {
      approvalStages: "Stage 1: Choose at least one approver. Stage 2: Enter a time-out of 1 to 720 hours.",
      activeMaximumDays: "Choose 15 days, or 1, 3 or 6 months.",
    },
  });
});

it("says what was wrong with each of several, not with the last alone", () => {
  const failing = (message: string) => ({
    ok: false as const,
    error: {
      code: "RoleAssignmentRequestPolicyValidationFailed" as const,
      failures: [
        { rule: "ExpirationRule" as const, field: "endsAt" as const, message },
        { rule: "JustificationRule" as const, field: "justification" as const, message: "Give a reason." },
      ],
    },
  });
  const words = { done: String, nothing: "Nothing was done." };
  expect(
    outcomeOfSeveral([failing("At most 15 days."), failing("At most 30 days.")], words, null),
  ).toMatchObject({
    fieldErrors: { endsAt: "At most 15 days. At most 30 days.", justification: "Give a reason." },
  });
});

it("leads from each row of a batch that a conflict rule refuses to the exception that would allow it", () => {
  const error = {
    code: "RoleAssignmentConflict",
    message: "Ada holds both.",
    exceptions: [{ ruleId: "rule", ruleName: "Payments", resourceId: "place", principalId: "ada" }],
  } as const;
  const words = { done: (count: number) => `${count} done`, nothing: "Nothing was done." };
  const outcome = outcomeOfSeveral(
    [
      { ok: true, message: "Done." },
      { ok: false, error },
    ],
    words,
    null,
  );
  expect(outcome).toMatchObject({ ok: true, message: "1 done" });
  expect(outcome.items?.map(({ links }) => links?.map(({ href }) => href))).toEqual([
    undefined,
    ["/resources/place/conflicting-roles/rule/exceptions/new?for=ada"],
  ]);
});
