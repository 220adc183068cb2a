import { relyingPartyOf } from "@/lib/domain/people/relying-party";
import type { Configuration } from "@/lib/platform/configuration";
import { confirmingIssuers } from "@/lib/platform/confirming-providers";
import type { ConfirmingIssuers } from "@/lib/platform/sql/factors-in-force";

/** What confirms an operation besides authenticator apps. */
export interface OtherFactors {
  /** Whether passkeys are possible at Postern's address. */
  readonly passkeys: boolean;
  readonly issuers: ConfirmingIssuers;
}

/** What confirms an operation besides authenticator apps, according to the configuration. */
export function otherFactors(
  configuration: Pick<Configuration, "publicUrl" | "identityProviders">,
): OtherFactors {
  return {
    passkeys: relyingPartyOf(configuration.publicUrl) !== null,
    issuers: confirmingIssuers(configuration.identityProviders),
  };
}
