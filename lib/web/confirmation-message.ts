import { type ConfirmationFaultName, confirmationFault } from "@/lib/web/confirmation-faults";

/** The channel on which a provider's window sends its result to the form that opened it. */
export const confirmationChannel = "postern-confirmation";

/** The result of one challenge: null if it is confirmed. It is no proof, since the server keeps that. */
export interface ConfirmationMessage {
  readonly challengeId: string;
  readonly fault: ConfirmationFaultName | null;
}

/** Reads what another window of this site sent. Null if it is something else. */
export function confirmationMessage(data: unknown): ConfirmationMessage | null {
  if (typeof data !== "object" || data === null) return null;
  const { challengeId, fault } = data as Record<string, unknown>;
  if (typeof challengeId !== "string") return null;
  const known = confirmationFault(fault);
  return fault === null || known ? { challengeId, fault: known } : null;
}

/** The first address of a provider's window. */
export function confirmationAddress(
  providerId: string,
  challengeId: string,
  phishingResistant: boolean,
): string {
  const query = new URLSearchParams({ challenge: challengeId });
  if (phishingResistant) query.set("resistant", "1");
  return `/api/auth/confirm/${providerId}?${query}`;
}
