/** The settings that say which factors an activation or a direct assignment requires, as part of all role settings. */
interface OfActivation {
  readonly activationRequiresMfa: boolean;
  readonly activationPhishingResistant: boolean;
}

interface OfAssignment {
  readonly assignmentRequiresMfa: boolean;
  readonly assignmentPhishingResistant: boolean;
}

interface OfRole extends OfAssignment {
  readonly writesAuthorization: boolean;
}

interface OfApproval {
  readonly approvalRequired: boolean;
  readonly activationRequiresMfa: boolean;
  readonly provisioningRequiresMfa: boolean;
}

/**
 * Whether an approved activation waits for a new code: the settings require it, and also require approval and
 * Multi-Factor Authentication on activation (docs/decisions/fresh-code-at-provisioning.md).
 */
export function asksFreshCode(settings: OfApproval): boolean {
  return settings.approvalRequired && settings.activationRequiresMfa && settings.provisioningRequiresMfa;
}

/** Whether a phishing-resistant factor is required to activate. */
export function activationTakesResistant(settings: OfActivation): boolean {
  return settings.activationRequiresMfa && settings.activationPhishingResistant;
}

/** Whether a phishing-resistant factor is required for a direct assignment. */
export function assignmentTakesResistant(settings: OfAssignment): boolean {
  return settings.assignmentRequiresMfa && settings.assignmentPhishingResistant;
}

/** Why making somebody eligible takes a second factor where the settings say nothing of it (docs/rules.md, rule 8). */
export const whyEligibleTakesCode = "People who can activate this role can give access to others.";

/**
 * Whether the administrator who gives somebody a role must prove a second factor. There can be further reasons (rule
 * 8).
 */
export function assigningTakesCode(assignmentType: "Eligible" | "Active", role: OfRole): boolean {
  return assignmentType === "Active" ? role.assignmentRequiresMfa : role.writesAuthorization;
}

/**
 * Whether only a phishing-resistant one would do: to make somebody eligible, wherever it would be to give the role
 * directly.
 */
export function assigningTakesResistant(assignmentType: "Eligible" | "Active", role: OfRole): boolean {
  return assigningTakesCode(assignmentType, role) && assignmentTakesResistant(role);
}
