/** How many passkeys a person may have. */
export const mostPasskeys = 10;
/** How many minutes the registration of a passkey may take. */
export const registrationMinutes = 10;
export const longestPasskeyName = 60;

/**
 * Whether a signature count shows a copy: the passkey counts, and the count is not larger than the newest one known
 * (WebAuthn Level 3, section 6.1.1). Synced passkeys always send zero.
 */
export function counterWentBack(known: bigint, sent: number): boolean {
  return known > 0n && BigInt(sent) <= known;
}

/** Where a passkey is stored, in words for its owner. */
export function keptInWords(passkey: {
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
}): string {
  if (!passkey.backupEligible) return "On one device";
  return passkey.backedUp ? "Synced, backed up" : "Can be synced, not backed up";
}
