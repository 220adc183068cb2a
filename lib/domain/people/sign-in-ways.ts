/** What somebody has that can sign them in, as far as this place knows. */
export interface OwnWays {
  readonly password: boolean;
  readonly passkeys: number;
  /** The issuers of the identity providers that they are linked to. */
  readonly issuers: readonly string[];
}

/**
 * The ways that sign somebody in, by name, and the issuers of links that lead nowhere since no provider is configured
 * for them.
 */
export function signInWays(
  own: OwnWays,
  providers: readonly { readonly issuer: string; readonly name: string }[],
): { readonly ways: readonly string[]; readonly gone: readonly string[] } {
  const nameOf = new Map(providers.map(({ issuer, name }) => [issuer, name]));
  return {
    ways: [
      ...(own.password ? ["Password"] : []),
      ...(own.passkeys > 0 ? ["Passkey"] : []),
      ...own.issuers.flatMap((issuer) => nameOf.get(issuer) ?? []),
    ],
    gone: own.issuers.filter((issuer) => !nameOf.has(issuer)),
  };
}
