import { createHash, randomBytes } from "node:crypto";
import {
  type Arrival,
  askNextAuth,
  type Claims,
  type HandshakeAnswer,
  handshakeOptions,
  providerClient,
  underWay,
} from "@/lib/identity/providers/provider-client";
import {
  type Cookies,
  cookieNames,
  cookiesOfWay,
  type HandshakeSettings,
  type Intent,
  intentCookie,
  intentOf,
  removedCookies,
  wayOf,
} from "@/lib/identity/providers/provider-cookies";
import { ProviderFault, providerMetadata } from "@/lib/identity/providers/provider-metadata";
import { sessionCookieName } from "@/lib/identity/sessions/session-cookie";
import { limitConcurrency } from "@/lib/platform/concurrency-limit";
import type { IdentityProvider } from "@/lib/platform/identity-providers";
import { faultText, log } from "@/lib/platform/log";

/** Why a sign-in through the provider ended without a person. */
export type HandshakeTrouble = "Unreachable" | "Nonsense" | "Declined" | "NotBegun" | "Busy";

/** Requests to providers, which anybody can cause. Their queue is separate from that of sign-ins with a password. */
const inTurn = limitConcurrency({ atOnce: 8, waitingOfOne: 16, waitingInAll: 256 });

/** Runs what asks a provider, in the queue of a network. Throws `Busy`. */
export function inProviderTurn<Result>(network: string, work: () => Promise<Result>): Promise<Result> {
  return inTurn(network, work);
}

function logFailure(provider: IdentityProvider, fault: unknown): void {
  const cause = fault instanceof Error ? (fault.cause ?? fault) : fault;
  log().warn(`Sign-in through the identity provider ${provider.id} failed: ${faultText(cause)}`);
}

/**
 * Sends somebody to a provider with a fresh state, nonce and code challenge. The caller has checked that the request
 * comes from this site. next-auth's own token against forged requests needs a script, so it is made here.
 */
export async function beginHandshake(
  settings: HandshakeSettings,
  provider: IdentityProvider,
  intent: Intent,
  /** Whether they must sign in there once more, with the provider's second factor. */
  anew = false,
): Promise<HandshakeAnswer | HandshakeTrouble> {
  try {
    const metadata = await providerMetadata(provider);
    const token = randomBytes(32).toString("hex");
    const [secret] = settings.sessionSecrets;
    const hash = createHash("sha256").update(`${token}${secret}`).digest("hex");
    const answer = await askNextAuth(
      {
        nextauth: ["signin", provider.id],
        query: {},
        cookies: { [cookieNames(settings).csrfToken]: `${token}|${hash}` },
        body: { csrfToken: token },
      },
      handshakeOptions(
        settings,
        providerClient(provider, metadata, anew),
        () => Promise.reject(new Error("nobody arrives yet")),
        secret,
      ),
    );
    const state = URL.canParse(answer.location) ? new URL(answer.location).searchParams.get("state") : null;
    if (state !== null && answer.location.startsWith(metadata.authorization_endpoint)) {
      const cookie = await intentCookie(settings, provider, state, intent);
      return { ...answer, cookies: [...cookiesOfWay(settings, state, answer.cookies), cookie] };
    }
    throw new ProviderFault("Nonsense", "no address to go to");
  } catch (fault) {
    if (!(fault instanceof ProviderFault)) throw fault;
    logFailure(provider, fault);
    return fault.trouble;
  }
}

/** What a fault of next-auth means for the person. */
function troubleOf(fault: unknown, query: Readonly<Record<string, string>>): HandshakeTrouble {
  if (typeof query.error === "string") return "Declined";
  const said = faultText(fault);
  if (
    /cookie was missing|could not be parsed|different provider|state mismatch|nonce mismatch|state missing/.test(
      said,
    )
  )
    return "NotBegun";
  if (
    /timed out|ECONN|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|socket hang up|aborted|ETIMEDOUT|expected 200 OK, got: 5/.test(
      said,
    )
  )
    return "Unreachable";
  return "Nonsense";
}

/**
 * Receives somebody whom a provider sends back. State, nonce, code verifier, and the ID token's
 * signature, issuer, audience and times are checked before `arrive` is called with its claims. Every
 * cookie of that sign-in is removed. Those of other tabs stay.
 */
export async function finishHandshake(
  settings: HandshakeSettings,
  provider: IdentityProvider,
  back: { readonly query: Readonly<Record<string, string>>; readonly cookies: Cookies },
  arrive: (claims: Claims, intent: Intent) => Promise<Arrival>,
): Promise<HandshakeAnswer | { readonly trouble: HandshakeTrouble; readonly cookies: readonly string[] }> {
  const cookies = removedCookies(settings, back.query.state);
  try {
    // The provider is not asked if nobody was sent there.
    const begun = await intentOf(settings, provider, back);
    if (!begun) return { trouble: "NotBegun", cookies };
    const { intent, secret } = begun;
    const metadata = await providerMetadata(provider);
    const { iss } = back.query;
    if (iss === undefined && metadata.authorization_response_iss_parameter_supported)
      throw new ProviderFault("Nonsense", "no iss in its answer");
    const store: { fault: unknown } = { fault: null };
    let arrived: Arrival | null = null;
    // Without this, next-auth would turn a fault here into an error page of its own.
    let failure: unknown = null;
    const given = handshakeOptions(
      settings,
      providerClient(provider, metadata),
      async (claims) => {
        try {
          if (claims.iss !== provider.issuer)
            throw new ProviderFault("Nonsense", "an ID token of another issuer");
          const arrival = await arrive(claims, intent);
          arrived = arrival;
          return arrival;
        } catch (error) {
          failure = error;
          throw error;
        }
      },
      secret,
    );
    const answer = await underWay.run(store, () =>
      askNextAuth(
        {
          nextauth: ["callback", provider.id],
          query: back.query,
          cookies: wayOf(settings, back.query.state, back.cookies),
        },
        given,
      ),
    );
    if (failure !== null) throw failure;
    const arrival = arrived as Arrival | null;
    if (arrival !== null) {
      const session = answer.cookies.filter((each) => each.startsWith(`${sessionCookieName(settings)}=`));
      if (arrival.token !== null && session.length !== 1)
        throw new Error("no cookie was made for the session");
      return { location: arrival.location, cookies: [...cookies, ...session] };
    }
    logFailure(provider, store.fault);
    return { trouble: troubleOf(store.fault, back.query), cookies };
  } catch (fault) {
    if (!(fault instanceof ProviderFault)) throw fault;
    logFailure(provider, fault);
    return { trouble: fault.trouble, cookies };
  }
}
