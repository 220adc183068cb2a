import { request as askPlainly, type IncomingMessage } from "node:http";
import { request as askSecurely } from "node:https";
import { z } from "zod";
import {
  boundedOptions,
  longestAnswer,
  providerPatienceMilliseconds,
} from "@/lib/identity/providers/bounded-requests";
import type { IdentityProvider } from "@/lib/platform/identity-providers";
import { traced } from "@/lib/platform/tracing";

/** Why an identity provider cannot be used at the moment. */
export type ProviderTrouble = "Unreachable" | "Nonsense";

/** The provider cannot be used. `cause` says why, for the server's log. */
export class ProviderFault extends Error {
  constructor(
    readonly trouble: ProviderTrouble,
    cause: unknown,
  ) {
    super(`The identity provider is ${trouble === "Unreachable" ? "not reached" : "not understood"}.`, {
      cause,
    });
  }
}

const endpoint = z.url({ protocol: /^https?$/ });
const shape = z.object({
  issuer: z.string(),
  authorization_endpoint: endpoint,
  token_endpoint: endpoint,
  userinfo_endpoint: endpoint.optional(),
  jwks_uri: endpoint,
  end_session_endpoint: endpoint.optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
});
export type ProviderMetadata = z.infer<typeof shape>;

const keptMilliseconds = 10 * 60_000;

/** By issuer. A provider's metadata hardly ever changes. Its keys are read again at each sign-in. */
const kept = new Map<string, { readonly until: number; readonly metadata: ProviderMetadata }>();

/** The bytes of an answer, up to a limit. */
async function boundedText(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > longestAnswer) throw new ProviderFault("Nonsense", "too long an answer");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** The beginning of an answer. Follows no redirect. */
function asked(address: URL): Promise<IncomingMessage> {
  const request = address.protocol === "https:" ? askSecurely : askPlainly;
  const options = {
    ...boundedOptions(address),
    headers: { accept: "application/json" },
    signal: AbortSignal.timeout(providerPatienceMilliseconds),
  };
  return new Promise((resolve, reject) => {
    request(address, options, resolve).once("error", reject).end();
  });
}

/**
 * Reads JSON from a configured provider within a few seconds. Follows no redirect, so it contacts only
 * hosts that the configuration and the provider's own metadata name. Throws `ProviderFault`.
 */
export function providerJson(address: string): Promise<unknown> {
  return traced("GET", "client", (span) => {
    span?.set({ "http.request.method": "GET", "server.address": new URL(address).hostname });
    return readJson(address);
  });
}

async function readJson(address: string): Promise<unknown> {
  let text: string;
  try {
    const answer = await asked(new URL(address));
    const status = answer.statusCode ?? 0;
    if (status < 200 || status >= 300) {
      answer.destroy();
      const moved = status >= 300 && status < 400;
      throw new ProviderFault(moved || status >= 500 ? "Unreachable" : "Nonsense", `status ${status}`);
    }
    text = await boundedText(answer);
  } catch (error) {
    throw error instanceof ProviderFault ? error : new ProviderFault("Unreachable", error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProviderFault("Nonsense", error);
  }
}

/** A provider's metadata. It must name the configured issuer. Throws `ProviderFault`. */
export async function providerMetadata({ issuer }: IdentityProvider): Promise<ProviderMetadata> {
  const known = kept.get(issuer);
  if (known && known.until > performance.now()) return known.metadata;
  const read = shape.safeParse(
    await providerJson(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`),
  );
  if (!read.success) throw new ProviderFault("Nonsense", read.error);
  const metadata = read.data;
  if (metadata.issuer !== issuer) throw new ProviderFault("Nonsense", `it calls itself ${metadata.issuer}`);
  // If the configuration says https, answers over http are refused.
  const plain = Object.values(metadata).some((each) => String(each).startsWith("http:"));
  if (issuer.startsWith("https:") && plain) throw new ProviderFault("Nonsense", "an endpoint without https");
  kept.set(issuer, { until: performance.now() + keptMilliseconds, metadata });
  return metadata;
}
