/** After how many attempts a delivery becomes a dead letter, for an administrator to handle. */
export const maximumAttempts = 8;

const minutesAfter = [1, 2, 5, 15, 60, 240, 720];

/** The wait after the n-th attempt (from 1) before the next, in minutes; null if there is none. */
export function retryMinutes(attempts: number): number | null {
  if (attempts >= maximumAttempts) return null;
  return minutesAfter[Math.min(Math.max(attempts, 1), minutesAfter.length) - 1] ?? null;
}
