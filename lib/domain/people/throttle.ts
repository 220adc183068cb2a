/**
 * How guesses are slowed down (docs/decisions/guessing.md). Each kind says how many failures are free, and what
 * follows. Either the wait doubles from two seconds to a quarter of an hour, and an hour without failure resets it.
 * Or the count decays by a number per hour and never exceeds the limit. Or nothing more is accepted.
 */
interface Throttle {
  readonly free: number;
  readonly after: "doubling" | { readonly leakPerHour: number } | "ended";
  /** Whether a success resets the count. */
  readonly forgiving: boolean;
}

export const throttles = {
  /** Passwords of one account from one address. */
  accountFromAddress: { free: 5, after: "doubling", forgiving: true },
  /** Passwords from a browser in which this account was signed in before. */
  device: { free: 5, after: "doubling", forgiving: true },
  /** Passwords of all accounts from one address. */
  address: { free: 20, after: "doubling", forgiving: false },
  /** Passwords of one account from all unknown browsers. It limits an attack from many addresses. */
  strangers: { free: 30, after: { leakPerHour: 10 }, forgiving: false },
  /** One's own password, requested again in a session. */
  password: { free: 5, after: "doubling", forgiving: true },
  /** One-time passes that one person types. */
  passes: { free: 5, after: "doubling", forgiving: true },
  /** Set-up and invitation tokens from one address. */
  token: { free: 20, after: "doubling", forgiving: false },
  /** Codes in one session, over its whole life. */
  codesInSession: { free: 20, after: "ended", forgiving: false },
  /** Passkeys that were refused in one session, over its whole life. Nobody can guess a signature; this limits the log. */
  passkeysInSession: { free: 20, after: "ended", forgiving: false },
  /** Answers of identity providers that failed as a step-up, in one session, over its whole life. */
  confirmationsInSession: { free: 20, after: "ended", forgiving: false },
  /** Codes of one person from one address, for whatever operation. */
  codesFromAddress: { free: 20, after: { leakPerHour: 2 / 24 }, forgiving: false },
  /** Codes of one person from everywhere. */
  codes: { free: 50, after: { leakPerHour: 5 / 24 }, forgiving: false },
} as const satisfies Record<string, Throttle>;

export type ThrottleKind = keyof typeof throttles;

const longestWaitSeconds = 15 * 60;
const hour = 3_600;
/** As long as a session lives at most. */
const endedSeconds = 24 * hour;
/** After this time without a failure, a doubling count starts again. */
const quietSeconds = hour;

/** What is left of a count after this many seconds without a failure. All of it if the clock was set back. */
export function remainingFailures(kind: ThrottleKind, failures: number, seconds: number): number {
  const { after } = throttles[kind];
  if (seconds <= 0) return failures;
  if (after === "ended") return failures;
  if (after === "doubling") return seconds > quietSeconds ? 0 : failures;
  return Math.max(0, failures - (seconds / hour) * after.leakPerHour);
}

/** How long, in seconds, the next attempt must wait after this many failures. */
export function waitSeconds(kind: ThrottleKind, failures: number): number {
  const { free, after } = throttles[kind];
  const counted = failures - free;
  if (after === "ended") return counted < 0 ? 0 : endedSeconds;
  if (after === "doubling") return counted < 0 ? 0 : Math.min(2 ** (counted + 1), longestWaitSeconds);
  return counted <= -1 ? 0 : Math.ceil(((counted + 1) / after.leakPerHour) * hour);
}

/** After how many seconds a count is empty and may be deleted. */
export function keptSeconds(kind: ThrottleKind, failures: number): number {
  const { after } = throttles[kind];
  if (after === "ended") return endedSeconds;
  if (after === "doubling") return quietSeconds + longestWaitSeconds;
  return Math.ceil((failures / after.leakPerHour) * hour);
}

/**
 * From how many wrong passwords of one account from unknown browsers, or wrong codes of one person, an
 * attack is reported.
 */
export const attackFailures = 8;
/** After how many hours one attack is reported again, and any attack to administrators. */
export const notifyAgainHours = { attack: 24, administrators: 1 } as const;
/** After how many hours a person may reset the count of wrong codes again by changing their own password. */
export const forgetCodesHours = 7 * 24;
/** The interval, in minutes, over which the log gathers refusals that nobody sees. */
export const gatherMinutes = 5;
/** The same for requests without a session, by network. */
export const strangersGatherMinutes = 15;
