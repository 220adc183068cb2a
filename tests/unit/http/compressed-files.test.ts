import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { withCompressedFiles } from "@/lib/server/http/compressed-files";
import { writeCompressed } from "@/scripts/parts/compressed-files.mjs";
import { closeDoors, openDoor } from "../../support/peers/front-door";
import { openRaw, statusOf } from "../../support/peers/raw-http";

const folder = mkdtempSync(join(tmpdir(), "postern-compressed-"));
const built = join(folder, "static");
const copies = join(folder, "compressed");
const script = "export const words = ['one', 'two', 'three'];\n".repeat(100);
const files: Readonly<Record<string, string>> = {
  "chunks/app.js": script,
  "chunks/~odd.name-1.css": "body { color: green }\n".repeat(100),
  "media/sprite.svg": "<svg/>\n".repeat(300),
  "chunks/small.js": "1;",
  "media/font.woff2": "x".repeat(5_000),
  "chunks/.hidden": "x".repeat(5_000),
};

beforeAll(async () => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(built, name, ".."), { recursive: true });
    writeFileSync(join(built, name), text);
  }
  mkdirSync(copies);
  writeFileSync(join(copies, "from-an-earlier-build.js.br"), "x");
  await writeCompressed(built, copies);
  // What only a reader of other folders finds.
  writeFileSync(join(folder, "secret.js.br"), "secret");
  writeFileSync(join(folder, "secret.js.gz"), "secret");
});
afterEach(closeDoors);
afterAll(() => rmSync(folder, { recursive: true }));

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const open = (from = copies) => openDoor({ before: (page) => withCompressedFiles(from, page) });

/** What the door answers, and whether the page that stands behind it did. */
function asker(door: Awaited<ReturnType<typeof open>>) {
  return (path: string, headers: Record<string, string> = {}, method = "GET") =>
    new Promise<Answer & { readonly byPage: boolean }>((resolve, reject) => {
      const before = door.seen.length;
      const sent = request(
        { port: door.port, path, method, headers: { host: "localhost", ...headers } },
        async (response) => {
          const parts: Buffer[] = [];
          for await (const part of response) parts.push(part);
          const byPage = door.seen.length > before;
          resolve({
            status: response.statusCode,
            headers: response.headers,
            body: Buffer.concat(parts),
            byPage,
          });
        },
      );
      sent.once("error", reject).end();
    });
}

const both = { "accept-encoding": "gzip, deflate, br, zstd" };

describe("the build's compressed copies", () => {
  it("are of text files that are worth it, in a folder that has nothing else", () => {
    const found = readdirSync(copies, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);
    const names = ["app.js", "sprite.svg", "~odd.name-1.css"];
    expect(found.sort()).toEqual(names.flatMap((name) => [`${name}.br`, `${name}.gz`]));
  });

  it("are sent with the encoding that the client accepts, brotli first, and unpack to the file", async () => {
    const get = asker(await open());
    for (const [accepted, encoding] of [
      ["gzip, deflate, br, zstd", "br"],
      ["br;q=0.1, gzip", "br"],
      ["GZIP", "gzip"],
      ["gzip;q=1.0, br;q=0", "gzip"],
      ["br;q=0.000,gzip;q=0.001", "gzip"],
    ] as const) {
      const { status, headers, body } = await get("/_next/static/chunks/app.js?v=1", {
        "accept-encoding": accepted,
      });
      expect([status, headers["content-encoding"]], accepted).toEqual([200, encoding]);
      expect(headers).toMatchObject({
        "cache-control": "public, max-age=31536000, immutable",
        "content-type": "application/javascript; charset=UTF-8",
        "content-length": String(body.length),
        "x-content-type-options": "nosniff",
        vary: "Accept-Encoding",
        etag: expect.stringMatching(/^"[\w-]{43}"$/),
        "last-modified": expect.stringMatching(/ GMT$/),
        "x-request-id": expect.any(String),
      });
      const unpacked = encoding === "br" ? brotliDecompressSync(body) : gunzipSync(body);
      expect(unpacked.toString(), accepted).toBe(script);
    }
    const { headers } = await get("/_next/static/chunks/~odd.name-1.css", both);
    expect(headers["content-type"]).toBe("text/css; charset=UTF-8");
    expect((await get("/_next/static/media/sprite.svg", both)).headers["content-type"]).toBe("image/svg+xml");
  });

  it("are not sent to clients that accept neither, for parts of a file, or for what has no copy", async () => {
    const get = asker(await open());
    const path = "/_next/static/chunks/app.js";
    for (const headers of [
      {},
      { "accept-encoding": "" },
      { "accept-encoding": "identity, zstd" },
      { "accept-encoding": "gzip;q=0, br;q=0.0" },
      { "accept-encoding": "abroad, xgzip" },
      { ...both, range: "bytes=0-3" },
    ] as Record<string, string>[])
      expect((await get(path, headers)).byPage, JSON.stringify(headers)).toBe(true);
    for (const missing of ["chunks/small.js", "media/font.woff2", "chunks/.hidden", "chunks/none.js", ""])
      expect((await get(`/_next/static/${missing}`, both)).byPage, missing).toBe(true);
    expect((await get("/chunks/app.js", both)).byPage).toBe(true);
    // Nor is the copy itself a file of the build.
    for (const path of ["app.js.br", "app.js.gz"])
      expect((await get(`/_next/static/chunks/${path}`, both)).byPage, path).toBe(true);
  });

  it("are answered for HEAD without a body, and never for a POST", async () => {
    const door = await open();
    const get = asker(door);
    const whole = await get("/_next/static/chunks/app.js", both);
    const head = await get("/_next/static/chunks/app.js", both, "HEAD");
    expect([head.status, head.body.length, head.byPage]).toEqual([200, 0, false]);
    for (const name of ["etag", "content-length", "content-encoding", "content-type"])
      expect(head.headers[name], name).toBe(whole.headers[name]);
    expect(
      await door.post({ Host: "localhost", Origin: "http://localhost" }, "/_next/static/chunks/app.js"),
    ).toBe(405);
  });

  it("are not sent again to a client that has them, and each encoding has a mark of its own", async () => {
    const get = asker(await open());
    const path = "/_next/static/chunks/app.js";
    const { headers } = await get(path, both);
    const other = await get(path, { "accept-encoding": "gzip" });
    const [etag = "", date = ""] = [headers.etag, headers["last-modified"]];
    expect(other.headers.etag).not.toBe(etag);
    for (const condition of [
      { "if-none-match": etag },
      { "if-none-match": `"x", W/${etag}` },
      { "if-none-match": "*" },
      { "if-modified-since": date },
    ] as Record<string, string>[]) {
      const again = await get(path, { ...both, ...condition });
      expect([again.status, again.body.length], JSON.stringify(condition)).toEqual([304, 0]);
      expect(again.headers).toMatchObject({
        etag,
        vary: "Accept-Encoding",
        "cache-control": headers["cache-control"],
      });
      expect(again.headers["content-encoding"]).toBeUndefined();
    }
    for (const condition of [
      { "if-none-match": String(other.headers.etag) },
      { "if-none-match": '"x"', "if-modified-since": date },
      { "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT" },
      { "if-modified-since": "nonsense" },
    ] as Record<string, string>[])
      expect((await get(path, { ...both, ...condition })).status, JSON.stringify(condition)).toBe(200);
  });

  it("lead nowhere else, however the path is written", async () => {
    const { ask, port, seen } = await open();
    const headers = { Host: "localhost", "Accept-Encoding": "gzip, br" };
    for (const path of [
      "/_next/static/../secret.js",
      "/_next/static/chunks/../../secret.js",
      "/_next/static/%2e%2e/secret.js",
      "/_next/static/..%2fsecret.js",
      "/_next/static/..%5csecret.js",
      "/_next/static/..\\secret.js",
      "/_next/static//chunks/app.js",
      "/_next/static/./chunks/app.js",
      "/_next/static/chunks/app.js%00",
      "/_next/static/chunks%2fapp.js",
      "http://localhost/_next/static/chunks/app.js",
    ]) {
      const answer = await ask(`GET ${path}`, headers);
      expect(statusOf(answer), path).toBe(400);
    }
    expect(seen).toEqual([]);
    // These are plain paths, and no path of a copy.
    for (const path of [
      "/_next/static/chunks/%61pp.js",
      "/_next/static/chunks/APP.JS",
      "/_next/static/chunks/app.js/",
      "/_next/static/__proto__",
      "/_next/static/constructor",
      "/_NEXT/static/chunks/app.js",
    ])
      expect(await ask(`GET ${path}`, headers), path).toContain("page");
    const lines = ["GET /_next/static/chunks/app.js HTTP/1.1", "Host: evil.example", "Accept-Encoding: br"];
    expect(statusOf(await openRaw(port, [...lines, "Connection: close", "", ""]).closed)).toBe(421);
  });

  it("are left to the page when they vanish, or when there are none", async () => {
    const other = join(folder, "other");
    await writeCompressed(built, other);
    const get = asker(await open(other));
    const kept = await get("/_next/static/chunks/app.js", both);
    rmSync(other, { recursive: true });
    expect((await get("/_next/static/media/sprite.svg", both)).byPage).toBe(true);
    // What has been read once stays.
    const again = await get("/_next/static/chunks/app.js", both);
    expect([again.byPage, again.body.equals(kept.body)]).toEqual([false, true]);
    const none = asker(await open(join(folder, "no-folder")));
    expect((await none("/_next/static/chunks/app.js", both)).byPage).toBe(true);
  });

  it("are the same on another replica of the same build", async () => {
    const other = join(folder, "replica");
    await writeCompressed(built, other);
    const [here, there] = [asker(await open()), asker(await open(other))];
    const path = "/_next/static/chunks/app.js";
    expect((await there(path, both)).headers.etag).toBe((await here(path, both)).headers.etag);
    expect(readFileSync(join(other, "chunks/app.js.br"))).toEqual((await here(path, both)).body);
  });
});
