import type { IdentityProvider, ProviderStepUp } from "@/lib/platform/identity-providers";

/** A provider that confirms what takes a second factor. */
export type ConfirmingProvider = IdentityProvider & { readonly stepUp: ProviderStepUp };

/**
 * Which of the configured providers confirm operations. Everything that offers, begins, judges or counts a step-up by a
 * provider asks here.
 */
export function confirmingProviders(providers: readonly IdentityProvider[]): readonly ConfirmingProvider[] {
  return providers.flatMap((each) => (each.stepUp ? [{ ...each, stepUp: each.stepUp }] : []));
}

/** Those of them to which somebody is linked in a way that counts: `issuers` are of `FactorState`. */
export function confirmingFor(
  providers: readonly IdentityProvider[],
  issuers: readonly string[],
): readonly ConfirmingProvider[] {
  return confirmingProviders(providers).filter(({ issuer }) => issuers.includes(issuer));
}

/** The issuers of the providers that confirm operations, and those of them that can do so in a way that cannot be phished. */
export function confirmingIssuers(providers: readonly IdentityProvider[]) {
  const confirming = confirmingProviders(providers);
  const issuersOf = (some: readonly ConfirmingProvider[]) => some.map(({ issuer }) => issuer);
  return {
    any: issuersOf(confirming),
    phishingResistant: issuersOf(confirming.filter(({ stepUp }) => stepUp.phishingResistant.length > 0)),
  };
}
