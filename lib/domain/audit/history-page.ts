/** The page of a principal's history: what they did and what was done to them, where the reader may read the log. */
export function historyPage(principalId: string): string {
  return `/audit/people/${principalId}`;
}

/** The history of somebody whom an event names with this address. A list of events carries no ids of people. */
export function historyOfEvent(eventId: string, address: string): string {
  return `/audit/${eventId}/history?${new URLSearchParams({ of: address })}`;
}
