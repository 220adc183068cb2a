import { createServer, type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { createServer as createSecureServer } from "node:tls";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { beginHandshake, finishHandshake } from "@/lib/identity/providers/provider-handshake";
import { providerJson } from "@/lib/identity/providers/provider-metadata";
import { outgoingProxy } from "@/lib/platform/configuration";
import { checkOutgoingProxy } from "@/lib/platform/outgoing-proxy";
import { configured, kept, publicUrl } from "../../support/e2e/provider-journey";
import { certificateFor } from "../../support/peers/certificate";
import { startIdentityProvider, type TestProvider } from "../../support/peers/identity-provider";

// A real provider behind a name that only the proxy can find, so that whatever reaches it came through the proxy.
const host = "login.contoso.test";
const settings = {
  servedOverHttps: false,
  sessionSecrets: ["a secret of the test's own, long enough"] as const,
};

let provider: TestProvider;
const asked: string[] = [];
/** What the proxy does with a tunnel that it is asked for. */
let proxying: "passes" | "refuses" | "is silent" = "passes";
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
  const proxy = createServer((_, response) => response.writeHead(405).end());
  proxy.on("connect", ({ url, headers }, socket) => {
    asked.push(`${url} ${headers["proxy-authorization"] ?? ""}`.trim());
    socket.on("error", () => {});
    if (proxying === "is silent") return;
    if (proxying === "refuses") return socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const tunnel = connect((secure.address() as AddressInfo).port, "127.0.0.1");
    tunnel.on("error", () => {});
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.pipe(tunnel).pipe(socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  closing.push(
    () => provider.close(),
    () => secure.close(),
    () => proxy.close(),
  );
  proxyUrl = `http://postern:hush@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
let proxyUrl: string;
afterEach(() => {
  vi.unstubAllEnvs();
  asked.length = 0;
  proxying = "passes";
});
afterAll(() => Promise.all(closing.map((close) => close())));

/** The environment of a serving process that has a proxy. The authority was made for this test. */
function withProxy(more: Readonly<Record<string, string>> = {}): void {
  const all = { HTTPS_PROXY: proxyUrl, NODE_TLS_REJECT_UNAUTHORIZED: "0", ...more };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
}

/** A person's browser, which finds the provider by itself. Follows it until it leads back to Postern. */
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
  expect(asked.length).toBeGreaterThanOrEqual(4);
  const password = `Basic ${Buffer.from("postern:hush").toString("base64")}`;
  expect(new Set(asked)).toEqual(new Set([`${host}:443 ${password}`]));
});

const metadata = `https://${host}/.well-known/openid-configuration`;

it("a proxy that refuses, or never answers, is a provider that is not reached, within a few seconds", async () => {
  withProxy();
  proxying = "refuses";
  await expect(providerJson(metadata)).rejects.toMatchObject({ trouble: "Unreachable" });
  proxying = "is silent";
  const begun = performance.now();
  await expect(providerJson(metadata)).rejects.toMatchObject({ trouble: "Unreachable" });
  expect(performance.now() - begun).toBeLessThan(20_000);
});

it("hosts of NO_PROXY are asked directly, and so is this machine", async () => {
  withProxy({ NO_PROXY: ".contoso.test, 10.0.0.1" });
  await expect(providerJson(metadata)).rejects.toMatchObject({ trouble: "Unreachable" });
  expect(asked).toEqual([]);
  expect(outgoingProxy(new URL("https://elsewhere.test/"))?.port).toBe(new URL(proxyUrl).port);
  expect(outgoingProxy(new URL("https://notcontoso.test/"))).not.toBeNull();
  expect(outgoingProxy(new URL("http://localhost:3000/"))).toBeNull();
});

it("the certificate is the provider's own, which the proxy cannot replace", async () => {
  withProxy({ NODE_TLS_REJECT_UNAUTHORIZED: "1" });
  await expect(providerJson(metadata)).rejects.toMatchObject({ trouble: "Unreachable" });
  expect(asked).toHaveLength(1);
});

it("an address that is no proxy's is refused at the start", () => {
  for (const wrong of ["proxy.internal:3128", "socks5://proxy.internal", "https://proxy.internal"])
    expect(() => checkOutgoingProxy({ HTTPS_PROXY: wrong })).toThrow("HTTPS_PROXY must be");
  expect(() => checkOutgoingProxy({ HTTPS_PROXY: "http://proxy.internal:3128" })).not.toThrow();
});
