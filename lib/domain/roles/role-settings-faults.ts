import { approvalStagesFaults } from "@/lib/domain/roles/approval-settings";
import { activeMaximumDaysChoices, eligibleMaximumDaysChoices } from "@/lib/domain/roles/duration-choices";
import { notificationFaults } from "@/lib/domain/roles/notification-faults";
import {
  activationStepMinutes,
  maximumActivationMinutes,
  minimumActivationMinutes,
  type RoleSettings,
} from "@/lib/domain/roles/role-settings";

/** Every fault of settings; empty if they may be saved. */
export function roleSettingsFaults(settings: RoleSettings): { field: keyof RoleSettings; message: string }[] {
  const faults: { field: keyof RoleSettings; message: string }[] = [];
  const minutes = settings.activationMaximumMinutes;
  const { eligibleMaximumDays, activeMaximumDays } = settings;
  if (
    !Number.isInteger(minutes) ||
    minutes < minimumActivationMinutes ||
    minutes > maximumActivationMinutes ||
    minutes % activationStepMinutes !== 0
  ) {
    faults.push({
      field: "activationMaximumMinutes",
      message: "Enter between 0.5 and 24 hours, in steps of half an hour.",
    });
  }
  const emergency = settings.breakGlassMaximumMinutes;
  if (
    emergency !== null &&
    (!Number.isInteger(emergency) ||
      emergency < minimumActivationMinutes ||
      emergency > maximumActivationMinutes ||
      emergency % activationStepMinutes !== 0 ||
      (settings.approvalRequired && emergency > minutes))
  ) {
    faults.push({
      field: "breakGlassMaximumMinutes",
      message: "Enter between 0.5 hours and the maximum duration of an activation, in steps of half an hour.",
    });
  }
  for (const message of approvalStagesFaults(settings.approvalStages, settings.approvalRequired))
    faults.push({ field: "approvalStages", message });
  if (
    eligibleMaximumDays !== null &&
    !eligibleMaximumDaysChoices.some((days) => days === eligibleMaximumDays)
  ) {
    faults.push({ field: "eligibleMaximumDays", message: "Choose 15 days, 1, 3 or 6 months, or 1 year." });
  }
  if (activeMaximumDays !== null && !activeMaximumDaysChoices.some((days) => days === activeMaximumDays)) {
    faults.push({ field: "activeMaximumDays", message: "Choose 15 days, or 1, 3 or 6 months." });
  }
  const notices = notificationFaults(settings.notifications);
  return [...faults, ...notices.map((message) => ({ field: "notifications" as const, message }))];
}
