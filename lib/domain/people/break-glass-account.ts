/** How many break-glass accounts there may be. Each is one more account that cannot be disabled. */
export const mostBreakGlassAccounts = 10;

/** The facts that decide whether a break-glass account can be used when nothing else works. */
export interface BreakGlassReadiness {
  readonly enabled: boolean;
  /** A password of its own, not an issued one. */
  readonly password: boolean;
  /** A second factor that counts now. */
  readonly factor: boolean;
  /** A permanent role of its own at the root that administers it, active or eligible. */
  readonly administersRoot: boolean;
}

const missing: Readonly<Record<keyof BreakGlassReadiness, string>> = {
  enabled: "It is disabled.",
  password: "It has no password of its own.",
  factor: "It has no second factor that counts now.",
  administersRoot: "It has no permanent role of its own at the root that administers it, active or eligible.",
};

/** Why an account would not help in an emergency, as sentences; empty if it would. */
export function unreadiness(account: BreakGlassReadiness): string[] {
  return (Object.keys(missing) as (keyof BreakGlassReadiness)[])
    .filter((what) => !account[what])
    .map((what) => missing[what]);
}
