import { cookies, headers } from "next/headers";
import { statedPerson } from "@/lib/domain/people/identity-link";
import { networkOf } from "@/lib/domain/people/network-of";
import { backChannelLogout } from "@/lib/identity/providers/back-channel-logout";
import { endAtProvider } from "@/lib/identity/providers/end-at-provider";
import type { HandshakeAnswer } from "@/lib/identity/providers/provider-client";
import { forgottenCookies, intentOf } from "@/lib/identity/providers/provider-cookies";
import { beginHandshake, finishHandshake, inProviderTurn } from "@/lib/identity/providers/provider-handshake";
import { ProviderFault } from "@/lib/identity/providers/provider-metadata";
import { recordRefusedArrival, signInByProvider } from "@/lib/identity/providers/provider-sign-in";
import { endSession } from "@/lib/identity/sessions/sessions";
import { isOfStepUp } from "@/lib/identity/step-up/confirm-with-provider";
import { application } from "@/lib/platform/application";
import { unlessBusy } from "@/lib/platform/concurrency-limit";
import type { IdentityProvider } from "@/lib/platform/identity-providers";
import type { ProviderFaultName } from "@/lib/web/provider-sentences";
import { currentCaller, requestOrigin } from "@/lib/web/request";
import { safeReturnPath } from "@/lib/web/return-path";
import { beginConfirming, finishConfirming } from "./confirm";

interface Context {
  readonly params: Promise<{ nextauth: string[] }>;
}

/**
 * The round trip to an identity provider (`signin/ID`, then `callback/ID`), and to its sign-out (`signout/ID`).
 * next-auth handles the protocol: state, nonce, code challenge, and the checks of the answer. The database
 * decides who it is, and whether there is a session (docs/decisions/identity-providers.md).
 */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const [action, id, ...rest] = (await params).nextauth;
  const provider = application().configuration.identityProviders.find((each) => each.id === id);
  if (!provider || rest.length > 0) return new Response("Not found", { status: 404 });
  if (action === "signin") return begin(request, provider);
  if (action === "confirm") return confirm(request, provider);
  if (action === "callback") {
    const state = new URL(request.url).searchParams.get("state") ?? undefined;
    return isOfStepUp(state) ? finishConfirming(request, provider, state) : finish(request, provider);
  }
  if (action === "signout") return leave(provider);
  return new Response("Not found", { status: 404 });
}

/** A logout token is a few hundred bytes. */
const longestMessage = 20_000;

/**
 * `back-channel/ID`: the provider reports that somebody signed out there, and their sessions here end (OpenID
 * Connect Back-Channel Logout 1.0, section 2.5).
 */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  const [action, id, ...rest] = (await params).nextauth;
  const { configuration, database } = application();
  const provider = configuration.identityProviders.find((each) => each.id === id);
  if (action !== "back-channel" || !provider || rest.length > 0)
    return new Response("Not found", { status: 404 });
  const answer = (status: number, error?: string) =>
    new Response(error === undefined ? null : JSON.stringify({ error }), {
      status,
      headers: {
        "cache-control": "no-store",
        ...(error === undefined ? {} : { "content-type": "application/json" }),
      },
    });
  const length = Number(request.headers.get("content-length"));
  const form = request.headers.get("content-type")?.startsWith("application/x-www-form-urlencoded");
  if (!form || !(length > 0 && length <= longestMessage)) return answer(400, "invalid_request");
  const token = new URLSearchParams(await request.text()).get("logout_token") ?? "";
  const origin = await requestOrigin();
  const ended = await unlessBusy(
    () =>
      inProviderTurn(networkOf(origin.ipAddress), () => backChannelLogout(database, provider, token, origin)),
    "Unreachable" as const,
  );
  if (ended === "Ended") return answer(200);
  return ended === "Refused" ? answer(400, "invalid_request") : answer(503, "temporarily_unavailable");
}

function redirected({ location, cookies: set }: HandshakeAnswer): Response {
  const response = new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } });
  for (const cookie of set) response.headers.append("set-cookie", cookie);
  return response;
}

/** The page that says what went wrong: the account page if something was to be linked, otherwise the sign-in page. */
function refused(
  provider: IdentityProvider,
  fault: ProviderFaultName,
  { linking, returnPath = "/", set = [] }: { linking: boolean; returnPath?: string; set?: readonly string[] },
): Response {
  const query = new URLSearchParams({ provider: provider.id, fault });
  if (returnPath !== "/") query.set("return", returnPath);
  return redirected({ location: `${linking ? "/account/security" : "/sign-in"}?${query}`, cookies: set });
}

/** Whether a page of this site led here. A browser that does not send the request's origin names the page. */
async function fromOwnPage(): Promise<boolean> {
  const list = await headers();
  const from = list.get("sec-fetch-site");
  if (from !== null) return from === "same-origin";
  const referrer = list.get("referer") ?? "";
  return (
    URL.canParse(referrer) &&
    new URL(referrer).origin === new URL(application().configuration.publicUrl).origin
  );
}

/** Sends somebody to the provider to confirm an operation. Pages of other sites cannot do that. */
async function confirm(request: Request, provider: IdentityProvider): Promise<Response> {
  return (await fromOwnPage())
    ? beginConfirming(request, provider)
    : redirected({ location: "/", cookies: [] });
}

/** The cookies that the browser sent, in its order. */
async function cookiesSent(): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries((await cookies()).getAll().map(({ name, value }) => [name, value]));
}

async function begin(request: Request, provider: IdentityProvider): Promise<Response> {
  const { configuration } = application();
  const query = new URL(request.url).searchParams;
  const returnPath = safeReturnPath(query.get("return"));
  const pass = query.get("pass")?.slice(0, 100) || null;
  if (!(await fromOwnPage())) return redirected({ location: "/sign-in", cookies: [] });
  const linking = pass !== null && (await currentCaller()) !== null;
  const origin = await requestOrigin();
  const begun = await unlessBusy(
    () =>
      inProviderTurn(networkOf(origin.ipAddress), () =>
        beginHandshake(configuration, provider, { returnPath, pass }, query.get("anew") === "1"),
      ),
    "Busy" as const,
  );
  if (typeof begun === "string") return refused(provider, begun, { linking, returnPath });
  const forgotten = forgottenCookies(configuration, await cookiesSent());
  return redirected({ ...begun, cookies: [...forgotten, ...begun.cookies] });
}

/** Continues to the provider to end the session there, for somebody who has just signed out here. */
async function leave(provider: IdentityProvider): Promise<Response> {
  const { publicUrl } = application().configuration;
  const origin = await requestOrigin();
  const address = (await fromOwnPage())
    ? await unlessBusy(
        () => inProviderTurn(networkOf(origin.ipAddress), () => endAtProvider(provider, publicUrl)),
        null,
      )
    : null;
  return redirected({ location: address ?? "/sign-in", cookies: [] });
}

async function finish(request: Request, provider: IdentityProvider): Promise<Response> {
  const { configuration, database } = application();
  const back = {
    query: Object.fromEntries(new URL(request.url).searchParams),
    cookies: await cookiesSent(),
  };
  const [origin, before, begun] = await Promise.all([
    requestOrigin(),
    currentCaller(),
    intentOf(configuration, provider, back),
  ]);
  const linking = before !== null && typeof begun?.intent.pass === "string";
  const returnPath = safeReturnPath(begun?.intent.returnPath);
  const work = () =>
    finishHandshake(configuration, provider, back, async (claims, { pass }) => {
      const person = statedPerson(claims, provider);
      if (!person) throw new ProviderFault("Nonsense", "no subject that can be kept");
      const state = back.query.state ?? "";
      const sessionId = before?.sessionId ?? null;
      const arrival = { provider, person, state, pass, sessionId };
      const signedIn = await signInByProvider(database, arrival, origin);
      if (!signedIn.ok) {
        const query = new URLSearchParams({ provider: provider.id, fault: signedIn.refusal });
        if (returnPath !== "/") query.set("return", returnPath);
        return { token: null, location: `${linking ? "/account/security" : "/sign-in"}?${query}` };
      }
      if (signedIn.kind === "Linked")
        return { token: null, location: `/account/security?linked=${provider.id}` };
      // The browser's previous session ends, so that nobody gets to use a session that another person began.
      if (before) await endSession(database, before, before.sessionId);
      return { token: signedIn.token, location: returnPath };
    });
  const finished = await unlessBusy(() => inProviderTurn(networkOf(origin.ipAddress), work), {
    trouble: "Busy" as const,
    cookies: [],
  });
  if (!("trouble" in finished)) return redirected(finished);
  const { trouble, cookies: set } = finished;
  if (trouble !== "Busy") await recordRefusedArrival(database, { provider }, trouble, origin);
  return refused(provider, trouble, { linking, returnPath, set });
}
