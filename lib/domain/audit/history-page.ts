/** The page of a principal's history: what they did and what was done to them, where the reader may read the log. */
export function historyPage(principalId: string): string {
  return `/audit/people/${principalId}`;
}
