import { networkOf } from "@/lib/domain/people/network-of";
import { isUuid } from "@/lib/domain/text/uuid";
import { inProviderTurn } from "@/lib/identity/providers/provider-handshake";
import { ProviderFault } from "@/lib/identity/providers/provider-metadata";
import { addressToConfirm, confirmedClaims } from "@/lib/identity/providers/provider-round-trip";
import {
  beginConfirmation,
  challengeNamedIn,
  meetChallengeWithProvider,
  takeConfirmation,
} from "@/lib/identity/step-up/confirm-with-provider";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { unlessBusy } from "@/lib/platform/concurrency-limit";
import { type ConfirmingProvider, confirmingProviders } from "@/lib/platform/confirming-providers";
import type { IdentityProvider } from "@/lib/platform/identity-providers";
import { faultText, log } from "@/lib/platform/log";
import type { ConfirmationFaultName } from "@/lib/web/confirmation-faults";
import { currentCaller, renewSessionCookie, requestOrigin } from "@/lib/web/request";

function redirected(location: string): Response {
  return new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } });
}

/** The page that tells the form the result. */
function confirmedPage(
  provider: IdentityProvider,
  challengeId: string,
  fault: ConfirmationFaultName | null,
): Response {
  const query = new URLSearchParams({ provider: provider.id, challenge: challengeId });
  if (fault) query.set("fault", fault);
  return redirected(`/confirmed?${query}`);
}

/** Runs what asks the provider, in the queue of the caller's network. Returns a fault by its name. */
async function asking<Result>(
  provider: ConfirmingProvider,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result } | "Unreachable" | "Nonsense" | "Busy"> {
  const network = networkOf((await requestOrigin()).ipAddress);
  try {
    return await unlessBusy(
      () => inProviderTurn(network, async () => ({ result: await work() })),
      "Busy" as const,
    );
  } catch (fault) {
    if (!(fault instanceof ProviderFault)) throw fault;
    log().warn(
      `Confirming through the identity provider ${provider.id} failed: ${faultText(fault.cause ?? fault)}`,
    );
    return fault.trouble;
  }
}

const confirming = (provider: IdentityProvider) =>
  confirmingProviders([provider]).find(({ id }) => id === provider.id) ?? null;

/** Sends the caller to a provider to confirm one challenge (`confirm/ID?challenge=…`). */
export async function beginConfirming(request: Request, given: IdentityProvider): Promise<Response> {
  const { configuration, database } = application();
  const query = new URL(request.url).searchParams;
  const challengeId = query.get("challenge") ?? "";
  const provider = confirming(given);
  if (!provider || !isUuid(challengeId)) return new Response("Not found", { status: 404 });
  const caller = await currentCaller();
  if (!caller) return confirmedPage(provider, challengeId, "SignedOut");
  const begun = await beginConfirmation(database, caller, provider, challengeId);
  if (!begun) return confirmedPage(provider, challengeId, "NotBegun");
  const { acrValues, phishingResistant } = provider.stepUp;
  const resistant = query.get("resistant") === "1" && phishingResistant.length > 0;
  const wanted = { ...begun, acrValues: resistant ? phishingResistant : acrValues };
  const answer = await asking(provider, () => addressToConfirm(configuration, provider, wanted));
  return typeof answer === "string"
    ? confirmedPage(provider, challengeId, answer)
    : redirected(answer.result);
}

/** Receives the caller whom a provider sends back from a step-up. */
export async function finishConfirming(
  request: Request,
  given: IdentityProvider,
  state: string,
): Promise<Response> {
  const provider = confirming(given);
  if (!provider) return new Response("Not found", { status: 404 });
  const caller = await currentCaller();
  // The session may have ended while the window was open. Otherwise the form would wait for ever.
  if (!caller) return confirmedPage(provider, challengeNamedIn(state), "SignedOut");
  const answer = Object.fromEntries(new URL(request.url).searchParams);
  const taken = await takeConfirmation(application().database, caller, provider, state);
  if (!taken) return confirmedPage(provider, challengeNamedIn(state), "NotBegun");
  return confirmedPage(
    provider,
    taken.challengeId,
    await judged(caller, provider, answer, { ...taken, state }),
  );
}

async function judged(
  caller: Caller,
  provider: ConfirmingProvider,
  answer: Readonly<Record<string, string>>,
  taken: { readonly challengeId: string; readonly nonce: string; readonly state: string },
): Promise<ConfirmationFaultName | null> {
  const { configuration, database } = application();
  // The person changed their mind, or the provider does not know such a way to sign in. Nothing was tried.
  if (answer.error !== undefined) return "Declined";
  const said = await asking(provider, () => confirmedClaims(configuration, provider, answer, taken));
  if (said === "Unreachable" || said === "Busy") return said;
  const claims = said === "Nonsense" ? null : said.result;
  const met = await meetChallengeWithProvider(database, caller, provider, taken, claims);
  if (!met.ok) return met.fault;
  await renewSessionCookie(met.token);
  return null;
}
