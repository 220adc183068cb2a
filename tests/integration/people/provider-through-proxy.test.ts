import { type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { createServer as createSecureServer } from "node:tls";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { beginHandshake, finishHandshake } from "@/lib/identity/providers/provider-handshake";
import { providerJson } from "@/lib/identity/providers/provider-metadata";
import { configured, kept, publicUrl } from "../../support/e2e/provider-journey";
import { certificateFor } from "../../support/peers/certificate";
import { startIdentityProvider, type TestProvider } from "../../support/peers/identity-provider";
import { startOutgoingProxy } from "../../support/peers/outgoing-proxy";

// A real provider behind a name that only the proxy can resolve, so every request that reaches it came through
// the proxy.
const host = "login.contoso.test";
const settings = {
  servedOverHttps: false,
  sessionSecrets: ["a secret of the test's own, long enough"] as const,
};

let provider: TestProvider;
let proxy: Awaited<ReturnType<typeof startOutgoingProxy>>;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  process.env.NEXTAUTH_URL = publicUrl;
  provider = await startIdentityProvider(publicUrl, "behind", {}, `https://${host}`);
  const { certificate, key } = await certificateFor(host);
  const secure = createSecureServer({ cert: certificate, key }, (socket) => {
    const behind = connect(provider.port, "127.0.0.1");
    socket.pipe(behind).pipe(socket);
    for (const each of [socket, behind]) each.on("error", () => {});
  });
  await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
  proxy = await startOutgoingProxy({ [`${host}:443`]: (secure.address() as AddressInfo).port });
  closing.push(
    () => provider.close(),
    () => secure.close(),
    () => proxy.close(),
  );
});
afterEach(() => {
  vi.unstubAllEnvs();
  proxy.asked.length = 0;
  proxy.now.proxying = "passes";
});
afterAll(() => Promise.all(closing.map((close) => close())));

/** The environment of a serving process that has a proxy. The authority was made for this test. */
function withProxy(more: Readonly<Record<string, string>> = {}): void {
  const all = { HTTPS_PROXY: proxy.url, NODE_TLS_REJECT_UNAUTHORIZED: "0", ...more };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
}

/** A person's browser, which finds the provider directly. Follows redirects back to Postern. */
async function browse(address: string): Promise<URL> {
  let url = new URL(address);
  let jar: Record<string, string> = {};
  while (url.origin !== publicUrl) {
    const cookie = Object.entries(jar).map(([name, value]) => `${name}=${value}`);
    const { headers } = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { host: "127.0.0.1", port: provider.port, path: url.pathname + url.search };
      request({ ...options, headers: { host, cookie: cookie.join("; ") } }, resolve)
        .once("error", reject)
        .end();
    });
    jar = kept(jar, headers["set-cookie"] ?? []);
    url = new URL(headers.location ?? "", url);
  }
  return url;
}

it("somebody signs in at a provider that is reached through the proxy alone: metadata, the code's exchange and keys", async () => {
  withProxy();
  const given = configured(provider, "behind");
  const begun = await beginHandshake(settings, given, { returnPath: "/", pass: null });
  if (typeof begun === "string") throw new Error(begun);
  const back = await browse(begun.location);
  const found: unknown[] = [];
  const query = Object.fromEntries(back.searchParams);
  await finishHandshake(settings, given, { query, cookies: kept({}, begun.cookies) }, async (claims) => {
    found.push(claims);
    return { token: null, location: "/" };
  });
  expect(found).toMatchObject([{ sub: "ada", email: "ada@contoso.example" }]);
  // Metadata, token, keys and userinfo: each in a tunnel of its own to the provider's name, with the proxy's password.
  expect(proxy.asked.length).toBeGreaterThanOrEqual(4);
  expect(new Set(proxy.asked)).toEqual(new Set([`${host}:443 ${proxy.password}`]));
});

const metadata = `https://${host}/.well-known/openid-configuration`;

it("a proxy that refuses, or never answers, is a provider that is not reached, within a few seconds", async () => {
  withProxy();
  proxy.now.proxying = "refuses";
  await expect(providerJson(metadata)).rejects.toMatchObject({ trouble: "Unreachable" });
  proxy.now.proxying = "is silent";
  const begun = performance.now();
  await expect(providerJson(metadata)).rejects.toMatchObject({ trouble: "Unreachable" });
  expect(performance.now() - begun).toBeLessThan(20_000);
});

it("hosts of NO_PROXY are asked directly", async () => {
  withProxy({ NO_PROXY: ".contoso.test, 10.0.0.1" });
  await expect(providerJson(metadata)).rejects.toMatchObject({ trouble: "Unreachable" });
  expect(proxy.asked).toEqual([]);
});

it("the certificate is the provider's own, which the proxy cannot replace", async () => {
  withProxy({ NODE_TLS_REJECT_UNAUTHORIZED: "1" });
  await expect(providerJson(metadata)).rejects.toMatchObject({ trouble: "Unreachable" });
  expect(proxy.asked).toHaveLength(1);
});
