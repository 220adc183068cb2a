import type { IdentityProvider, ProviderStepUp } from "@/lib/platform/identity-providers";

/** A provider that confirms what requires a second factor. */
export type ConfirmingProvider = IdentityProvider & { readonly stepUp: ProviderStepUp };

/**
 * Which of the configured providers confirm operations. Everything that offers, begins, judges or counts a
 * step-up by a provider asks here.
 */
export function confirmingProviders(providers: readonly IdentityProvider[]): readonly ConfirmingProvider[] {
  return providers.flatMap((each) => (each.stepUp ? [{ ...each, stepUp: each.stepUp }] : []));
}

/** Those of them to which somebody has a link that counts. `issuers` come from `FactorState`. */
export function confirmingFor(
  providers: readonly IdentityProvider[],
  issuers: readonly string[],
): readonly ConfirmingProvider[] {
  return confirmingProviders(providers).filter(({ issuer }) => issuers.includes(issuer));
}

/** The issuers of the providers that confirm operations, and of those that can do so in a phishing-resistant way. */
export function confirmingIssuers(providers: readonly IdentityProvider[]) {
  const confirming = confirmingProviders(providers);
  const issuersOf = (some: readonly ConfirmingProvider[]) => some.map(({ issuer }) => issuer);
  return {
    any: issuersOf(confirming),
    phishingResistant: issuersOf(confirming.filter(({ stepUp }) => stepUp.phishingResistant.length > 0)),
  };
}
