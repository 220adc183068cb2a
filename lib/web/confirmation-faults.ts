/** Why a provider's window confirmed nothing, as the address of its last page encodes it. */
export const confirmationFaults = [
  ...(["OtherChallenge", "OtherPerson", "NotFresh", "OtherWay"] as const),
  ...(["Nonsense", "NotBegun", "Declined", "Unreachable", "Busy", "SignedOut"] as const),
] as const;
export type ConfirmationFaultName = (typeof confirmationFaults)[number];

/** A fault that an address or a message names; null for anything else. */
export function confirmationFault(text: unknown): ConfirmationFaultName | null {
  return confirmationFaults.find((each) => each === text) ?? null;
}
