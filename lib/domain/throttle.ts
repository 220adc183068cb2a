/** Failed sign-ins that cost nothing, per account and per address. */
const freeFailures = { account: 5, address: 20 } as const;
const longestWaitSeconds = 15 * 60;
/** After so long without a failure the count starts again. */
export const forgetAfterMinutes = 60;

/** How long, in seconds, the next sign-in must wait after so many failures in a row: doubling from two seconds. */
export function waitSeconds(kind: "account" | "address", failures: number): number {
  const counted = failures - freeFailures[kind];
  return counted < 0 ? 0 : Math.min(2 ** (counted + 1), longestWaitSeconds);
}
