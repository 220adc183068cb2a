import { readMailAddress } from "@/lib/domain/people/mail-address";
import { clockSkewSeconds, type ProviderWays, wayIn } from "@/lib/domain/people/provider-ways";
import { limits } from "@/lib/domain/text/limits";
import { nameFault, normalisedName } from "@/lib/domain/text/names";

/** How many identities of providers one person may have. */
export const mostIdentityLinks = 10;
/**
 * How many accounts one provider may create within an hour. One that lies, or is set up wrongly, would
 * create them without end.
 */
export const mostAccountsInHour = 500;
/** How long an administrator's link is valid, in days, and how long one's own is, in minutes. */
export const linkPassDays = 3;
export const ownLinkPassMinutes = 10;

/** The claims of a provider about somebody that are used. */
export interface StatedPerson {
  readonly subject: string;
  /** The name as it is stored for a person; null if there is none that can be stored. */
  readonly address: string | null;
  readonly addressVerified: boolean;
  readonly name: string | null;
  /** The provider's own session; null if it names none. */
  readonly sid: string | null;
  /** The directory's id for them, if one links people; otherwise null. Complete, as directories give it. */
  readonly externalId: string | null;
  /**
   * When they signed in there in a way that counts as a second factor, in seconds since 1970. Null if
   * they did not, or if the provider does not say when.
   */
  readonly secondFactorAt: number | null;
}

interface Reading {
  readonly stepUp?: ProviderWays | undefined;
  readonly claims: { readonly name: string; readonly address: string; readonly externalId: string };
  readonly linkByDirectory?: string | undefined;
  readonly addressesAreVerified: boolean;
}

/** Reads the claims of a verified ID token. Null without a subject that can be linked. */
export function statedPerson(claims: Readonly<Record<string, unknown>>, by: Reading): StatedPerson | null {
  const { sub } = claims;
  // OpenID Connect Core 1.0, section 2: at most 255 ASCII characters.
  if (typeof sub !== "string" || !/^[\x20-\x7e]{1,255}$/.test(sub)) return null;
  const said = claims[by.claims.address];
  const read = typeof said === "string" ? readMailAddress(said) : null;
  const called = claims[by.claims.name];
  const name = typeof called === "string" && nameFault(called) === null ? normalisedName(called) : "";
  return {
    subject: sub,
    address: read?.ok ? read.address : null,
    addressVerified:
      by.addressesAreVerified || claims.email_verified === true || claims.email_verified === "true",
    name: name === "" ? null : name.slice(0, limits.displayName),
    externalId: by.linkByDirectory === undefined ? null : readExternalId(claims[by.claims.externalId]),
    secondFactorAt: by.stepUp && wayIn(claims, by.stepUp) !== null ? readSeconds(claims.auth_time) : null,
    sid: typeof claims.sid === "string" && /^[\x20-\x7e]{1,255}$/.test(claims.sid) ? claims.sid : null,
  };
}

/** Printable, and no longer than directories may give one. */
const readExternalId = (said: unknown) =>
  typeof said === "string" && /^[\x21-\x7e]{1,200}$/.test(said) ? said : null;
const readSeconds = (said: unknown) => (typeof said === "number" && Number.isFinite(said) ? said : null);

/** How recently, in minutes, somebody must have signed in at a provider for that to count as just now. */
export const justNowMinutes = 15;

/**
 * Whether somebody used a provider's second factor just now, and not in a session there that began long
 * ago.
 */
export function usedSecondFactor({ secondFactorAt }: StatedPerson, now: Date): boolean {
  if (secondFactorAt === null) return false;
  const ago = now.getTime() / 1_000 - secondFactorAt;
  return ago >= -clockSkewSeconds && ago <= justNowMinutes * 60;
}

/** Whether somebody may sign in by the domain of their address. Any may if no domain is configured. */
export function isOfDomains({ address, addressVerified }: StatedPerson, domains: readonly string[]): boolean {
  if (domains.length === 0) return true;
  const domain = address?.split("@")[1] ?? "";
  return addressVerified && domains.includes(domain);
}

/** Why a sign-in through a provider failed, as the sign-in page's address encodes it. */
export const identityRefusals = [
  "Unknown",
  "Disabled",
  "OtherDomain",
  "AddressTaken",
  "NoAddress",
  "LinkedElsewhere",
  "PassGone",
  "TooManyLinks",
  "TooManyAccounts",
  "Replayed",
] as const;
export type IdentityRefusal = (typeof identityRefusals)[number];
