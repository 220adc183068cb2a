/** Postern as browsers and authenticators know it. Passkeys are made for this id, and work only at this origin. */
export interface RelyingParty {
  readonly id: string;
  readonly origin: string;
}

/**
 * The relying party of an installation at this address (WebAuthn Level 3, section 5.1.2). Null if browsers offer no
 * passkeys there: at a numeric address, and at a name other than localhost without https.
 */
export function relyingPartyOf(publicUrl: string): RelyingParty | null {
  const { hostname, origin, protocol } = new URL(publicUrl);
  const numeric = /^[\d.]+$/.test(hostname) || hostname.startsWith("[");
  const local = hostname === "localhost" || hostname.endsWith(".localhost");
  return numeric || (protocol !== "https:" && !local) ? null : { id: hostname, origin };
}
