/** What proved a person at a step-up. */
export type StepUpMethod = "Totp" | "RecoveryCode" | "Passkey";

/** Whether a method cannot be phished: what it proves is bound to Postern's own address (NIST SP 800-63B, 3.2.5). */
export function resistsPhishing(method: StepUpMethod | null): boolean {
  return method === "Passkey";
}
