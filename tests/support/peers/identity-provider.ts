import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import Provider, { type Configuration } from "oidc-provider";

/** Somebody who can sign in at the provider. */
export interface ProviderAccount {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
}

export const clientId = "postern";
export const clientSecret = "a secret of the test's own provider";

type Claims = Record<string, unknown>;

/** A real OpenID Connect provider on a free local port. Whoever comes is signed in as `account`, without a question. */
export interface TestProvider {
  readonly issuer: string;
  /** Who is signed in at the provider from now on. */
  account: ProviderAccount;
  /** What the provider says in the ID tokens that it signs from now on, in place of what is right. */
  alter: ((claims: Claims) => Claims) | null;
  /** What else the provider keeps of each sign-in from now on, such as `acr`. */
  login: Claims;
  /** Answers a request itself; false to let the provider answer. */
  before: ((request: IncomingMessage, response: ServerResponse) => boolean) | null;
  /** Signs with another key from now on, and forgets who was on the way. */
  rotateKey(): Promise<void>;
  /** Signs a token with the key in force, as the provider would. */
  sign(claims: Claims, header?: Claims): Promise<string>;
  close(): Promise<void>;
}

async function newKey(): Promise<JWK & { kid: string }> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: crypto.randomUUID(), alg: "RS256", use: "sig" };
}

/** Starts a provider that knows Postern at this address. */
export async function startIdentityProvider(
  publicUrl: string,
  providerId: string,
  settings: Partial<Configuration> = {},
): Promise<TestProvider> {
  let key = await newKey();
  let handler: (request: IncomingMessage, response: ServerResponse) => unknown = () => {};
  const server = createServer((request, response) => {
    if (test.before?.(request, response)) return;
    alterTokens(request, response);
    handler(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

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
      jwks: { keys: [key] },
      cookies: { keys: ["a key of the test's own"] },
      // It posts to this machine, which it would otherwise take for somebody's attack.
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
        const grant = new ctx.oidc.provider.Grant({
          clientId,
          accountId: ctx.oidc.session?.accountId ?? "",
        });
        grant.addOIDCScope("openid profile email");
        await grant.save();
        return grant;
      },
      ...settings,
    });
    const answer = provider.callback();
    handler = (request, response) =>
      request.url?.startsWith("/interaction/")
        ? provider.interactionFinished(request, response, {
            login: { accountId: test.account.sub, ...test.login },
          })
        : answer(request, response);
  }

  /** Replaces the ID token of an answer, where the test asks for it. */
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
    account: { sub: "ada", email: "ada@contoso.example", email_verified: true, name: "Ada Byron" },
    alter: null,
    login: {},
    before: null,
    async rotateKey() {
      key = await newKey();
      make();
    },
    async sign(claims, header = {}) {
      return new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", kid: key.kid, ...header })
        .sign(await importJWK(key, "RS256"));
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  make();
  return test;
}
