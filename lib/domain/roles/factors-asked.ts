/** The settings that say which factors an activation or a direct assignment requires, as part of all role settings. */
interface OfActivation {
  readonly activationRequiresMfa: boolean;
  readonly activationPhishingResistant: boolean;
}

interface OfAssignment {
  readonly assignmentRequiresMfa: boolean;
  readonly assignmentPhishingResistant: boolean;
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
