import type { RoleSettings } from "@/lib/domain/roles/role-settings";

/** What an administrator sees of a role when they assign it: its settings, and whether it can write authorisation. */
export interface AssignmentRules
  extends Pick<
    RoleSettings,
    "eligibleMaximumDays" | "activeMaximumDays" | "assignmentRequiresMfa" | "assignmentPhishingResistant"
  > {
  readonly writesAuthorization: boolean;
}

export function assignmentRules(
  settings: RoleSettings,
  { writesAuthorization }: Pick<AssignmentRules, "writesAuthorization">,
): AssignmentRules {
  const { eligibleMaximumDays, activeMaximumDays } = settings;
  const { assignmentRequiresMfa, assignmentPhishingResistant } = settings;
  return {
    ...{ eligibleMaximumDays, activeMaximumDays },
    ...{ assignmentRequiresMfa, assignmentPhishingResistant, writesAuthorization },
  };
}
