import { type IncomingHttpHeaders, request } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import { server } from "../../support/e2e/server";

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What is sent for this path, as it comes over the line. */
function get(path: string, encoding: string, more: Record<string, string> = {}): Promise<Answer> {
  const { hostname, port } = new URL(server().url);
  const headers = { host: `localhost:${port}`, "accept-encoding": encoding, ...more };
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, headers }, async (response) => {
      const parts: Buffer[] = [];
      for await (const part of response) parts.push(part);
      resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) });
    });
    sent.once("error", reject).end();
  });
}

const whole: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
};

test("scripts and styles are sent as the build has compressed them, and otherwise as they are", async () => {
  const page = (await get("/sign-in", "identity")).body.toString();
  const found = [...page.matchAll(/(?:src|href)="(\/_next\/static\/[^"]+\.(?:js|css))"/g)];
  const paths = [...new Set(found.map(([, path = ""]) => path))];
  expect(paths.filter((path) => path.endsWith(".css"))).toHaveLength(1);
  expect(paths.length).toBeGreaterThan(5);
  const weights = { identity: 0, gzip: 0, br: 0 };
  for (const path of paths) {
    const plain = await get(path, "identity");
    expect([plain.status, plain.headers["content-encoding"]], path).toEqual([200, undefined]);
    weights.identity += plain.body.length;
    if (plain.body.length < 1_024) continue;
    for (const [encoding, accepted] of [
      ["gzip", "gzip, deflate"],
      ["br", "gzip, deflate, br, zstd"],
    ] as const) {
      const { status, headers, body } = await get(path, accepted);
      // A length is known only of what is not compressed while it is sent.
      expect([status, headers["content-length"]], path).toEqual([200, String(body.length)]);
      expect(headers, path).toMatchObject({ "content-encoding": encoding, vary: "Accept-Encoding" });
      for (const name of ["cache-control", "content-type", "x-content-type-options"])
        expect([name, headers[name]], path).toEqual([name, plain.headers[name]]);
      expect(whole[encoding]?.(body).equals(plain.body), path).toBe(true);
      expect((await get(path, accepted, { "if-none-match": String(headers.etag) })).status, path).toBe(304);
      weights[encoding] += body.length;
    }
  }
  expect(weights.gzip).toBeLessThan(weights.identity / 2);
  expect(weights.br).toBeLessThan(weights.gzip);
});

test("what is no file of the build is not found, however it is asked for", async () => {
  for (const path of [
    "/_next/static/chunks/none.js",
    "/_next/compressed/chunks/none.js.br",
    "/_next/static/.hidden.js",
  ])
    expect((await get(path, "gzip, br")).status, path).toBe(404);
  for (const path of [
    "/_next/static/../BUILD_ID",
    "/_next/static/%2e%2e/BUILD_ID",
    "/_next/static/..%2fcompressed",
    "/_next/static/..\\BUILD_ID",
    "/_next/static/chunks/%00.js",
  ])
    expect((await get(path, "gzip, br")).status, path).toBe(400);
});
