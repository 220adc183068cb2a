/** How a person was proved at a step-up. */
export type StepUpMethod =
  | "Totp"
  | "RecoveryCode"
  | "Passkey"
  | "IdentityProvider"
  | "PhishingResistantProvider";

/**
 * Whether a method is phishing-resistant (NIST SP 800-63B, 3.2.5): a passkey, whose signature is bound
 * to Postern's own address, or a provider's sign-in that its configuration declares so.
 */
export function resistsPhishing(method: StepUpMethod | null): boolean {
  return method === "Passkey" || method === "PhishingResistantProvider";
}
