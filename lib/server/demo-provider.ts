import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Configuration, default as Provider } from "oidc-provider";
import type pg from "pg";
import { choosePersonPage, type DemoPerson, leavePage, startPage } from "@/lib/server/demo-provider-pages";

type Environment = NodeJS.ProcessEnv;

/** A running identity provider of the demo. */
export interface DemoProvider {
  readonly issuer: string;
  /** The file that POSTERN_IDENTITY_PROVIDERS names for the processes of this start. */
  readonly file: string;
  stop(): Promise<void>;
}

const setting = "POSTERN_DEMO_OIDC";
const id = "demo";
const clientId = "postern";

/** Whether a demo identity provider is requested. Throws one line if it is not possible with the other settings. */
export function wantsDemoProvider(source: Environment, demo: boolean): boolean {
  if (source[setting] !== "1") return false;
  if (!demo)
    throw new Error(`${setting}=1 lets anybody in as anybody, so it needs the demo data: leave it out.`);
  if (source.POSTERN_IDENTITY_PROVIDERS)
    throw new Error(`${setting}=1 and POSTERN_IDENTITY_PROVIDERS exclude each other: leave one out.`);
  return true;
}

/** The people of the demo who can sign in. Throws one line if the database was not made as a demo, whatever is set now. */
export async function demoPeople(client: pg.Client): Promise<readonly DemoPerson[]> {
  const installation = await client.query<{ demo: boolean }>("SELECT demo FROM installation");
  if (installation.rows[0]?.demo !== true)
    throw new Error(`${setting}=1 lets anybody in as anybody, and this database is no demo: leave it out.`);
  const people = await client.query<DemoPerson>(
    `SELECT p.id, p.display_name AS name, p.email FROM principals p JOIN password_credentials c ON c.user_id = p.id
     WHERE p.disabled_at IS NULL ORDER BY p.created_at, p.id LIMIT 20`,
  );
  return people.rows;
}

/**
 * Starts an OpenID Connect provider for this machine only, where a visitor signs in as the demo person they
 * choose. Writes the file that configures it. It listens on the port next to Postern's, or elsewhere if that is
 * taken. So its name, and with it people's links, stay the same from start to start.
 */
export async function startDemoProvider(given: {
  readonly people: readonly DemoPerson[];
  readonly publicUrl: string;
  readonly port: number;
  readonly folder: string;
}): Promise<DemoProvider> {
  const { default: Provider } = await import("oidc-provider").catch(() => {
    throw new Error(`${setting}=1 needs the packages for development: install with npm ci.`);
  });
  const server = createServer();
  await listen(server, given.port + 1).catch(() => listen(server, 0));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clientSecret = randomBytes(24).toString("base64url");
  const provider = new Provider(issuer, settings({ ...given, clientSecret }));
  const answer = provider.callback();
  server.on("request", (request, response) => {
    const own = ownPage(provider, given, request, response);
    if (own === null) answer(request, response);
    else own.catch(() => response.writeHead(400).end("This sign-in is no longer under way. Begin it again."));
  });
  const file = join(given.folder, "demo-identity-provider.json");
  const signing = { clientId, clientSecret, signingAlgorithm: "ES256" };
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify([{ id, name: "Demo provider", issuer, ...signing }]), { mode: 0o600 });
  return {
    issuer,
    file,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(file, { force: true });
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port > 65_535 ? 0 : port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function settings(given: {
  readonly people: readonly DemoPerson[];
  readonly publicUrl: string;
  readonly clientSecret: string;
}): Configuration {
  const { publicUrl } = given;
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), alg: "ES256", use: "sig" };
  return {
    clients: [
      {
        client_id: clientId,
        client_secret: given.clientSecret,
        id_token_signed_response_alg: "ES256",
        redirect_uris: [`${publicUrl}/api/auth/callback/${id}`],
        post_logout_redirect_uris: [`${publicUrl}/sign-in`],
        backchannel_logout_uri: `${publicUrl}/api/auth/back-channel/${id}`,
        backchannel_logout_session_required: true,
      },
    ],
    jwks: { keys: [key] as NonNullable<Configuration["jwks"]>["keys"] },
    cookies: { keys: [randomBytes(24).toString("base64url")] },
    ttl: { Interaction: 3_600, Session: 86_400, Grant: 86_400, AccessToken: 3_600, IdToken: 3_600 },
    // It posts to this machine, which it would otherwise treat as an attack.
    fetch: (url, options) => globalThis.fetch(url, { ...options, dispatcher: undefined } as RequestInit),
    claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"] },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(ctx, form) {
          ctx.body = leavePage(form);
        },
        postLogoutSuccessSource(ctx) {
          ctx.body = startPage(publicUrl);
        },
      },
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount(_ctx, sub) {
      const person = given.people.find((each) => each.id === sub);
      if (!person) return undefined;
      const { name, email } = person;
      return { accountId: sub, claims: () => ({ sub, name, email, email_verified: true }) };
    },
    async loadExistingGrant(ctx) {
      // A session has one grant. Otherwise a code of another tab would belong to a grant that no longer exists.
      const given = ctx.oidc.session?.grantIdFor(clientId);
      const existing = given && (await ctx.oidc.provider.Grant.find(given));
      if (existing) return existing;
      const grant = new ctx.oidc.provider.Grant({ clientId, accountId: ctx.oidc.session?.accountId ?? "" });
      grant.addOIDCScope("openid profile email");
      await grant.save();
      return grant;
    },
  };
}

/**
 * Answers what is not part of OpenID Connect: the page for choosing a person, and the front page. Null for
 * everything else.
 */
function ownPage(
  provider: Provider,
  { people, publicUrl }: { readonly people: readonly DemoPerson[]; readonly publicUrl: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<unknown> | null {
  const show = async (page: string) =>
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
  if (request.url === "/") return show(startPage(publicUrl));
  if (!request.url?.startsWith("/interaction/")) return null;
  if (request.method !== "POST")
    return provider.interactionDetails(request, response).then(() => show(choosePersonPage(people)));
  return text(request).then((body) => {
    const chosen = new URLSearchParams(body).get("person");
    const person = people.find((each) => each.id === chosen);
    if (!person) throw new Error("nobody of the demo");
    return provider.interactionFinished(request, response, { login: { accountId: person.id } });
  });
}
