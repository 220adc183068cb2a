import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import Provider, { type AdapterFactory, type AdapterPayload, type Configuration } from "oidc-provider";

/** Somebody who can sign in at the provider. */
export interface ProviderAccount {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
  /** Which authentication contexts they have met, in Entra ID's form. */
  readonly acrs?: readonly string[];
}

export const clientId = "postern";
export const clientSecret = "a secret of the test's own provider";

type Claims = Record<string, unknown>;
type Sign = (claims: Claims, header?: Claims) => Promise<string>;

/** A real OpenID Connect provider on a free local port. Every visitor is signed in as `account`, without a question. */
export interface TestProvider {
  readonly issuer: string;
  /** Where it listens, without TLS. */
  readonly port: number;
  /** The person who is signed in at the provider from now on. */
  account: ProviderAccount;
  /** Values in the ID tokens that it signs from now on, which replace the right ones. */
  alter: ((claims: Claims) => Claims) | null;
  /** What the provider also stores for each sign-in from now on, such as `acr`. */
  login: Claims;
  /** Answers a request itself; false to let the provider answer. */
  before: ((request: IncomingMessage, response: ServerResponse) => boolean) | null;
  /**
   * Signs with another key from now on, and publishes only that one. Returns a function that signs with the
   * previous key.
   */
  rotateKey(): Promise<Sign>;
  /** Signs a token with the key in force, as the provider would. */
  sign: Sign;
  close(): Promise<void>;
}

async function newKey(): Promise<JWK & { kid: string }> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: crypto.randomUUID(), alg: "RS256", use: "sig" };
}

async function signed(key: JWK & { kid: string }, claims: Claims, header: Claims = {}): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", kid: key.kid, ...header })
    .sign(await importJWK(key, "RS256"));
}

/** What a provider stores, for as long as the test runs. People on the way stay so when its key changes. */
function keptInMemory(): AdapterFactory {
  const kept = new Map<string, AdapterPayload>();
  const where = (name: string, fits: (payload: AdapterPayload) => boolean) =>
    [...kept].filter(([key, payload]) => key.startsWith(`${name}:`) && fits(payload));
  return (name) => ({
    async upsert(id, payload) {
      kept.set(`${name}:${id}`, payload);
    },
    find: async (id) => kept.get(`${name}:${id}`),
    findByUid: async (uid) => where(name, (payload) => payload.uid === uid)[0]?.[1],
    findByUserCode: async () => undefined,
    async consume(id) {
      const payload = kept.get(`${name}:${id}`);
      if (payload) payload.consumed = Math.floor(Date.now() / 1_000);
    },
    async destroy(id) {
      kept.delete(`${name}:${id}`);
    },
    async revokeByGrantId(grantId) {
      for (const [key] of where(name, (payload) => payload.grantId === grantId)) kept.delete(key);
    },
  });
}

/** Starts a provider that knows Postern at this address. */
export async function startIdentityProvider(
  publicUrl: string,
  providerId: string,
  settings: Partial<Configuration> = {},
  /** Its https address, if something in front of it speaks TLS. */
  address?: string,
): Promise<TestProvider> {
  let key = await newKey();
  const adapter = keptInMemory();
  let handler: (request: IncomingMessage, response: ServerResponse) => unknown = () => {};
  const server = createServer((request, response) => {
    if (test.before?.(request, response)) return;
    if (address) request.headers["x-forwarded-proto"] = "https";
    alterTokens(request, response);
    handler(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const issuer = address ?? `http://127.0.0.1:${port}`;

  /** The provider, with the key in force. */
  function make(): void {
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uris: [`${publicUrl}/api/auth/callback/${providerId}`],
          post_logout_redirect_uris: [`${publicUrl}/sign-in`],
          backchannel_logout_uri: `${publicUrl}/api/auth/back-channel/${providerId}`,
          backchannel_logout_session_required: true,
        },
      ],
      adapter,
      jwks: { keys: [key] },
      cookies: { keys: ["a key of the test's own"] },
      ttl: { Interaction: 3_600, Session: 86_400, Grant: 86_400, AccessToken: 3_600, IdToken: 3_600 },
      // It posts to this machine, which it would otherwise treat as an attack.
      fetch: (url, options) => globalThis.fetch(url, { ...options, dispatcher: undefined } as RequestInit),
      claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"] },
      features: {
        devInteractions: { enabled: false },
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: { enabled: true },
      },
      interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
      findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ ...test.account, sub }) }),
      async loadExistingGrant(ctx) {
        // A session has one grant. Otherwise a code of another tab would belong to a grant that no longer
        // exists.
        const given = ctx.oidc.session?.grantIdFor(clientId);
        const existing = given && (await ctx.oidc.provider.Grant.find(given));
        if (existing) return existing;
        const grant = new ctx.oidc.provider.Grant({
          clientId,
          accountId: ctx.oidc.session?.accountId ?? "",
        });
        grant.addOIDCScope("openid profile email");
        grant.addOIDCClaims(["acrs"]);
        await grant.save();
        return grant;
      },
      ...settings,
    });
    provider.proxy = address !== undefined;
    const answer = provider.callback();
    handler = (request, response) =>
      request.url?.startsWith("/interaction/")
        ? provider.interactionFinished(request, response, {
            login: { accountId: test.account.sub, ...test.login },
          })
        : answer(request, response);
  }

  /** Replaces the ID token of an answer, if the test requests it. */
  function alterTokens(request: IncomingMessage, response: ServerResponse): void {
    const { alter } = test;
    if (alter === null || !request.url?.startsWith("/token")) return;
    const end = response.end.bind(response);
    response.end = ((body?: string | Buffer) => {
      const answer = JSON.parse(String(body ?? "{}"));
      if (!answer.id_token) return end(body);
      const claims = JSON.parse(Buffer.from(answer.id_token.split(".")[1], "base64url").toString());
      test.sign(alter(claims)).then((idToken) => {
        const changed = JSON.stringify({ ...answer, id_token: idToken });
        response.setHeader("content-length", Buffer.byteLength(changed));
        end(changed);
      });
      return response;
    }) as typeof response.end;
  }

  const test: TestProvider = {
    issuer,
    port,
    account: { sub: "ada", email: "ada@contoso.example", email_verified: true, name: "Ada Byron" },
    alter: null,
    login: {},
    before: null,
    async rotateKey() {
      const former = key;
      key = await newKey();
      make();
      return (claims, header) => signed(former, claims, header);
    },
    sign: (claims, header) => signed(key, claims, header),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  make();
  return test;
}
