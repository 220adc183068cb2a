/**
 * How far a provider's clock may be behind the database's, in seconds. The client that checks the ID token allows as much
 * the other way.
 */
export const clockSkewSeconds = 10;

/** Which of a provider's ways to sign in count as a second factor, and which claim of an ID token names the way. */
export interface ProviderWays {
  readonly acrValues: readonly string[];
  readonly phishingResistant: readonly string[];
  readonly claim: string;
}

/**
 * The strongest counting way in which somebody signed in, according to a verified ID token; null if
 * none counts. `acr` is one way. Any other claim may list several, as Entra ID's `acrs` does.
 */
export function wayIn(claims: Readonly<Record<string, unknown>>, ways: ProviderWays): string | null {
  const said = claims[ways.claim];
  const all: unknown[] = Array.isArray(said) && ways.claim !== "acr" ? said : [said];
  const counting = [...ways.phishingResistant, ...ways.acrValues];
  return counting.find((way) => all.includes(way)) ?? null;
}
