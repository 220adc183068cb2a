import { createHmac } from "node:crypto";
import { custom, errors, generators, Issuer } from "openid-client";
import { clockSkewSeconds } from "@/lib/domain/people/provider-ways";
import { boundRequests } from "@/lib/identity/providers/bounded-requests";
import { ProviderFault, providerMetadata } from "@/lib/identity/providers/provider-metadata";
import type { Configuration } from "@/lib/platform/configuration";
import type { ConfirmingProvider } from "@/lib/platform/confirming-providers";
import type { ProviderStepUp } from "@/lib/platform/identity-providers";
import { traced } from "@/lib/platform/tracing";

type Settings = Pick<Configuration, "publicUrl" | "sessionSecrets">;

/** The address to which every provider sends people back: the one registered for signing in. */
const returnAddress = ({ publicUrl }: Settings, { id }: ConfirmingProvider) =>
  `${publicUrl}/api/auth/callback/${id}`;

/** The code verifier (PKCE). It is derived from the state, so that nothing has to be stored. */
const verifierOf = ({ sessionSecrets: [secret] }: Settings, state: string) =>
  createHmac("sha256", secret).update(`provider step-up ${state}`).digest("base64url");

async function clientOf(settings: Settings, provider: ConfirmingProvider) {
  const metadata = await providerMetadata(provider);
  const client = new new Issuer(metadata).Client({
    client_id: provider.clientId,
    client_secret: provider.clientSecret,
    redirect_uris: [returnAddress(settings, provider)],
    response_types: ["code"],
    token_endpoint_auth_method: provider.clientAuthentication,
    id_token_signed_response_alg: provider.signingAlgorithm,
  });
  boundRequests(client);
  client[custom.clock_tolerance] = clockSkewSeconds;
  return client;
}

/**
 * How a provider is asked for one of these ways to sign in. With `claims` only for the first one: Entra
 * ID documents one authentication context per request.
 */
export function asksForWays({ claim, request }: ProviderStepUp, acrValues: readonly string[]) {
  if (request === "acr_values") return { acr_values: acrValues.join(" ") };
  return {
    claims: JSON.stringify({ id_token: { [claim]: { essential: true, value: acrValues[0] } } }),
  };
}

/**
 * The provider's address where somebody signs in once more, whatever session they have there, in one of
 * these ways (RFC 9470). Throws `ProviderFault`.
 */
export async function addressToConfirm(
  settings: Settings,
  provider: ConfirmingProvider,
  asked: {
    readonly state: string;
    readonly nonce: string;
    readonly acrValues: readonly string[];
    readonly address: string | null;
  },
): Promise<string> {
  const client = await clientOf(settings, provider);
  return client.authorizationUrl({
    ...{ scope: "openid", prompt: "login", max_age: 0, ...asksForWays(provider.stepUp, asked.acrValues) },
    ...{ state: asked.state, nonce: asked.nonce },
    code_challenge: generators.codeChallenge(verifierOf(settings, asked.state)),
    code_challenge_method: "S256",
    ...(asked.address === null ? {} : { login_hint: asked.address }),
  });
}

/**
 * The claims of the ID token to which a provider's answer leads. Its signature, issuer, audience,
 * times, state, nonce and code verifier are right. Throws `ProviderFault`.
 */
export async function confirmedClaims(
  settings: Settings,
  provider: ConfirmingProvider,
  answer: Readonly<Record<string, string>>,
  asked: { readonly state: string; readonly nonce: string },
): Promise<Readonly<Record<string, unknown>>> {
  const client = await clientOf(settings, provider);
  const metadata = await providerMetadata(provider);
  if (answer.iss === undefined && metadata.authorization_response_iss_parameter_supported)
    throw new ProviderFault("Nonsense", "no iss in its answer");
  try {
    const tokens = await traced("POST", "client", (span) => {
      span?.set({
        "http.request.method": "POST",
        "server.address": new URL(metadata.token_endpoint).hostname,
      });
      return client.callback(returnAddress(settings, provider), client.callbackParams(asUrl(answer)), {
        ...{ state: asked.state, nonce: asked.nonce, response_type: "code" },
        code_verifier: verifierOf(settings, asked.state),
      });
    });
    return tokens.claims();
  } catch (error) {
    // A provider with invalid metadata is misconfigured. One that does not answer is unreachable.
    const answered = error instanceof errors.RPError || error instanceof errors.OPError;
    const unreached = error instanceof errors.OPError && (error.response?.statusCode ?? 0) >= 500;
    throw new ProviderFault(answered && !unreached && !timedOut(error) ? "Nonsense" : "Unreachable", error);
  }
}

const asUrl = (answer: Readonly<Record<string, string>>) => `/?${new URLSearchParams(answer)}`;
const timedOut = (error: Error) => /timed out/.test(error.message);
