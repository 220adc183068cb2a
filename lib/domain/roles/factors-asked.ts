/** The settings that say which factors an activation or a direct assignment takes, as part of all role settings. */
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
 * Whether an approved activation waits for a new code: the settings ask for it, and for approval and Multi-Factor
 * Authentication on activation as well (docs/decisions/fresh-code-at-provisioning.md).
 */
export function asksFreshCode(settings: OfApproval): boolean {
  return settings.approvalRequired && settings.activationRequiresMfa && settings.provisioningRequiresMfa;
}

/** Whether only a phishing-resistant factor proves an activation. */
export function activationTakesResistant(settings: OfActivation): boolean {
  return settings.activationRequiresMfa && settings.activationPhishingResistant;
}

/** Whether only a phishing-resistant factor proves a direct assignment. */
export function assignmentTakesResistant(settings: OfAssignment): boolean {
  return settings.assignmentRequiresMfa && settings.assignmentPhishingResistant;
}
