import { application } from "@/lib/platform/application";

/** The identity provider of this id, if it is configured. */
export function providerOf(id: string) {
  return application().configuration.identityProviders.find((each) => each.id === id);
}

/** The displayed name of an issuer: the provider's name, or the issuer itself once it is no longer configured. */
export function providerNamed(issuer: string): string {
  const provider = application().configuration.identityProviders.find((each) => each.issuer === issuer);
  return provider?.name ?? issuer;
}
