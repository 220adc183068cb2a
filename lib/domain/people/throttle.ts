/**
 * How guesses are slowed. A kind says how many wrong ones in a row cost nothing, and what follows: each one waits twice
 * as long as the one before, from two seconds to a quarter of an hour, and an hour without one starts the count again;
 * or the count runs out by so many an hour and is never let above the limit; or nothing more is taken at all.
 */
interface Throttle {
  readonly free: number;
  readonly after: "doubling" | { readonly leakPerHour: number } | "ended";
  /** Whether a right one starts the count again. */
  readonly forgiving: boolean;
}

export const throttles = {
  /** Passwords of one account from one address. */
  accountFromAddress: { free: 5, after: "doubling", forgiving: true },
  /** Passwords from a browser in which this account was signed in before. */
  device: { free: 5, after: "doubling", forgiving: true },
  /** Passwords of all accounts from one address. */
  address: { free: 20, after: "doubling", forgiving: false },
  /** Passwords of one account from all addresses that are not known for it: what many addresses together may try. */
  strangers: { free: 30, after: { leakPerHour: 10 }, forgiving: false },
  /** One's own password, asked for again in a session. */
  password: { free: 5, after: "doubling", forgiving: true },
  /** Set-up and invitation tokens from one address. */
  token: { free: 20, after: "doubling", forgiving: false },
  /** Codes in one session, in its whole life. */
  codesInSession: { free: 20, after: "ended", forgiving: false },
  /** Codes of one person from one address, whatever the person proves elsewhere. */
  codesFromAddress: { free: 20, after: { leakPerHour: 2 / 24 }, forgiving: false },
  /** Codes of one person from everywhere. */
  codes: { free: 50, after: { leakPerHour: 5 / 24 }, forgiving: false },
} as const satisfies Record<string, Throttle>;

export type ThrottleKind = keyof typeof throttles;

const longestWaitSeconds = 15 * 60;
const hour = 3_600;
/** A session lives no longer. */
const endedSeconds = 12 * hour;
/** After so long without a failure a count that doubles starts again. */
const quietSeconds = hour;

/** What is left of a count of failures after so many seconds without one; all of it where a clock was set back. */
export function remainingFailures(kind: ThrottleKind, failures: number, seconds: number): number {
  const { after } = throttles[kind];
  if (seconds <= 0) return failures;
  if (after === "ended") return failures;
  if (after === "doubling") return seconds > quietSeconds ? 0 : failures;
  return Math.max(0, failures - (seconds / hour) * after.leakPerHour);
}

/** How long, in seconds, the next attempt must wait after so many failures. */
export function waitSeconds(kind: ThrottleKind, failures: number): number {
  const { free, after } = throttles[kind];
  const counted = failures - free;
  if (after === "ended") return counted < 0 ? 0 : endedSeconds;
  if (after === "doubling") return counted < 0 ? 0 : Math.min(2 ** (counted + 1), longestWaitSeconds);
  return counted <= -1 ? 0 : Math.ceil(((counted + 1) / after.leakPerHour) * hour);
}

/** After how many seconds a count is worth nothing and may be forgotten. */
export function keptSeconds(kind: ThrottleKind, failures: number): number {
  const { after } = throttles[kind];
  if (after === "ended") return endedSeconds;
  if (after === "doubling") return quietSeconds + longestWaitSeconds;
  return Math.ceil((failures / after.leakPerHour) * hour);
}

/** So many wrong passwords of one account from strangers, or wrong codes of one person, are told of. */
export const attackFailures = 8;
/** How often, in hours, one attack is told of, and administrators of any. */
export const tellAgainHours = { attack: 24, administrators: 1 } as const;
/** How often, in hours, a person may start the count of wrong codes again by changing their own password. */
export const forgetCodesHours = 7 * 24;
/** How often, in minutes, the log gathers what was refused unseen. */
export const gatherMinutes = 5;
/** The same of what comes without a session, by network. */
export const strangersGatherMinutes = 15;
