/**
 * The page of a principal's history: what they did and what was done to them, at resources whose log
 * the reader may read.
 */
export function historyPage(principalId: string): string {
  return `/audit/people/${principalId}`;
}

/** The history of the person whom an event names with this address. A list of events contains no ids of people. */
export function historyOfEvent(eventId: string, address: string): string {
  return `/audit/${eventId}/history?${new URLSearchParams({ of: address })}`;
}
