import { hostname } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import { closeDoors, openDoor } from "../../support/peers/front-door";
import { openRaw, statusOf } from "../../support/peers/raw-http";

afterEach(closeDoors);

const publicUrl = "https://postern.example";
const Host = "postern.example";
/** The answer to a POST whose body contains no action, and which passes the front door. */
const cameThrough = 405;

describe("Host header used for requests or links (CVE-2024-34351)", () => {
  it("any host but that of POSTERN_URL is refused with where Postern is, and none reaches what stands behind", async () => {
    const { ask, get, seen } = await openDoor({ publicUrl });
    for (const host of [
      "evil.example",
      "postern.example.evil.example",
      "postern.example:8443",
      "evil@postern.example",
      "postern.example.",
      "localhost",
      "127.0.0.1",
      "postern.example/x",
      "",
    ])
      expect(await get({ Host: host }), host).toBe(421);
    const refusal = await ask("GET /", { Host: "evil.example" });
    expect(refusal).toContain("Postern is at https://postern.example.");
    expect(refusal).not.toContain("evil.example");
    expect(
      statusOf(
        await openRaw(Number((await openDoor({ publicUrl })).port), ["GET / HTTP/1.0", "", ""]).closed,
      ),
    ).toBe(421);
    expect(seen).toEqual([]);
    expect(await get({ Host })).toBe(200);
    expect(await get({ Host: "POSTERN.example:443" })).toBe(200);
  });

  it("two Host headers are refused", async () => {
    const { port } = await openDoor({ publicUrl });
    const lines = ["GET / HTTP/1.1", `Host: ${Host}`, "Host: evil.example", "Connection: close", "", ""];
    expect(statusOf(await openRaw(port, lines).closed)).toBeGreaterThanOrEqual(400);
  });

  it("X-Forwarded-Host counts behind a trusted proxy only, and what stands behind sees one host", async () => {
    const forwarded = { Host: "upstream:3000", "X-Forwarded-Host": Host, "X-Forwarded-Proto": "http" };
    const direct = await openDoor({ publicUrl });
    expect(await direct.get(forwarded)).toBe(421);
    expect(await direct.get({ Host, "X-Forwarded-Host": "evil.example" })).toBe(200);
    const behind = await openDoor({ publicUrl, trustedProxies: 1 });
    expect(await behind.get(forwarded)).toBe(200);
    expect(await behind.get({ Host, "X-Forwarded-Host": "evil.example" })).toBe(421);
    // The proxy appends its address after the text that the client sent.
    expect(await behind.get({ Host, "X-Forwarded-Host": `evil.example, ${Host}` })).toBe(200);
    for (const { headers } of [...direct.seen, ...behind.seen])
      expect(headers).toMatchObject({ host: Host, "x-forwarded-host": Host, "x-forwarded-proto": "https" });
  });

  it("without POSTERN_URL the machine's own names and addresses are good, at any port, and no other", async () => {
    const { get } = await openDoor();
    for (const host of [
      "localhost:3000",
      "127.0.0.1:3000",
      "[::1]:3000",
      hostname(),
      `${hostname()}:8080`,
      "LOCALHOST",
    ])
      expect(await get({ Host: host }), host).toBe(200);
    for (const host of [
      "evil.example",
      "localhost.evil.example",
      "192.0.2.77",
      "[2001:db8::77]",
      "localhost:99999",
    ])
      expect(await get({ Host: host }), host).toBe(421);
  });

  it("the health check answers whatever name a probe uses", async () => {
    const { get } = await openDoor({ publicUrl });
    expect(await get({ Host: "10.1.2.3:3000" }, "/healthz")).toBe(200);
  });

  it("a process is alive from the first, ready once it serves, and not ready from when it begins to stop", async () => {
    const { get, ask, open, leave } = await openDoor({ publicUrl, starting: true });
    const probe = { Host: "10.1.2.3:3000" };
    const both = async () => [await get(probe, "/livez"), await get(probe, "/readyz")];
    expect(await both()).toEqual([200, 503]);
    expect(await ask("GET /readyz", probe)).toContain('{"status":"starting"}');
    open();
    expect(await both()).toEqual([200, 200]);
    expect(await get({ Host: "evil.example" }, "/readyz/x")).toBe(421);
    leave();
    expect(await both()).toEqual([200, 503]);
    expect(await ask("GET /readyz", probe)).toContain('{"status":"stopping"}');
    expect(statusOf(await ask("HEAD /readyz", probe))).toBe(503);
    // A request that arrives nevertheless is answered.
    expect(await get({ Host })).toBe(200);
  });
});

describe("`Origin: null` passes the cross-site check (CVE-2026-27978)", () => {
  it("a change is taken from this very origin only: scheme, host and port", async () => {
    const { post, get, seen } = await openDoor({ publicUrl });
    for (const origin of [
      "http://postern.example",
      "https://postern.example:8443",
      "https://evil.example",
      "https://postern.example.evil.example",
      "https://postern.example, https://evil.example",
      "https://postern.example/",
      "HTTPS://postern.example",
      "null",
      "",
      "file://",
    ])
      expect(await post({ Host, Origin: origin }), origin).toBe(403);
    expect(await post({ Host, Origin: publicUrl, "Sec-Fetch-Site": "cross-site" })).toBe(403);
    expect(await post({ Host, Origin: publicUrl, "Sec-Fetch-Site": "same-site" })).toBe(403);
    expect(seen).toEqual([]);
    expect(await post({ Host, Origin: publicUrl })).toBe(cameThrough);
    expect(await post({ Host, Origin: publicUrl, "Sec-Fetch-Site": "same-origin" })).toBe(cameThrough);
    expect(await get({ Host, Origin: "null" })).toBe(200);
  });

  it("a change that says neither origin nor where it comes from is refused", async () => {
    const { post } = await openDoor({ publicUrl });
    expect(await post({ Host })).toBe(403);
    expect(await post({ Host, "Sec-Fetch-Site": "none" })).toBe(403);
    expect(await post({ Host, Referer: `${publicUrl}/` })).toBe(403);
    expect(await post({ Host, "Sec-Fetch-Site": "same-origin" })).toBe(cameThrough);
  });

  it("without POSTERN_URL the origin is http at the host that was asked for", async () => {
    const { post } = await openDoor();
    expect(await post({ Host: "localhost:3000", Origin: "http://localhost:3000" })).toBe(cameThrough);
    expect(await post({ Host: "127.0.0.1:3000", Origin: "http://127.0.0.1:3000" })).toBe(cameThrough);
    for (const origin of ["http://localhost:3001", "https://localhost:3000", "http://127.0.0.1:3000", "null"])
      expect(await post({ Host: "localhost:3000", Origin: origin }), origin).toBe(403);
  });

  it("other methods are answered, and change nothing", async () => {
    const { ask } = await openDoor({ publicUrl });
    for (const method of ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
      expect(statusOf(await ask(`${method} /`, { Host, Origin: publicUrl })), method).toBe(405);
  });
});

describe("variants of a path (CVE-2026-115365)", () => {
  it("what is no plain path is refused, so that no page is reached as if it were a file", async () => {
    const { ask, seen } = await openDoor({ publicUrl });
    for (const target of [
      "*@host/",
      "*",
      "http://evil.example/",
      `${publicUrl}/`,
      "//evil.example/",
      "/\\evil.example",
      "/_next/static/../../my-roles",
      "/_next/static/..",
      "/_next/static/%2e%2e/%2E%2E/my-roles",
      "/_next/static/%2e./my-roles",
      "/_next/static/..%2f..%2fmy-roles",
      "/_next/static/..%5c..%5cmy-roles",
      "/my-roles//",
      "/./my-roles",
      "/my-roles%00",
      "/my-roles?search=%00",
      "/%c0%ae%c0%ae/my-roles",
      "/%zz",
      "/my-roles#x",
    ])
      for (const method of ["GET", "POST"]) {
        const answer = await ask(`${method} ${target}`, { Host, Origin: publicUrl, "Content-Length": "0" });
        expect(statusOf(answer), `${method} ${target}`).toBe(400);
      }
    expect(seen).toEqual([]);
  });

  it("a file's path is checked for where a change comes from like any other", async () => {
    const { post } = await openDoor({ publicUrl });
    for (const path of ["/_next/static/x.js", "/icon.svg", "/_next/data/x.json", "/healthz"])
      expect(await post({ Host, Origin: "https://evil.example" }, path), path).toBe(403);
  });
});

describe("what Next.js asks of the server itself", () => {
  it("is known by the headers that the door gave, and comes from whom the request came that led to it", async () => {
    const warnings: string[] = [];
    const { get, seen } = await openDoor({ publicUrl, tell: (line) => warnings.push(line) });
    expect(await get({ Host, "X-Postern-Pass": "a guess", "X-Postern-Client-Address": "203.0.113.1" })).toBe(
      200,
    );
    const { "x-postern-pass": pass = "", ...given } = seen[0]?.headers ?? {};
    expect(pass).not.toBe("a guess");
    expect(given["x-postern-client-address"]).toBe("127.0.0.1");
    const own = { "X-Forwarded-Host": Host, "X-Forwarded-For": "198.51.100.7", "X-Postern-Pass": pass };
    expect(await get({ Host: "127.0.0.1:3000", ...own, "X-Postern-Client-Address": "198.51.100.7" })).toBe(
      200,
    );
    expect(seen[1]?.headers).toMatchObject({ host: Host, "x-postern-client-address": "198.51.100.7" });
    expect(warnings).toEqual([]);
    // The front door of another process makes other passes.
    const other = await openDoor({ publicUrl });
    expect(await other.get({ Host: "127.0.0.1:3000", ...own })).toBe(421);
  });
});

describe("middleware taken for a boundary (CVE-2025-29927)", () => {
  it("no header of a client's is taken for a word of Postern's own or of a proxy", async () => {
    const { get, seen } = await openDoor({ publicUrl });
    const forged = {
      "X-Middleware-Subrequest": "proxy:proxy:proxy:proxy:proxy",
      "X-Postern-Client-Address": "203.0.113.1",
      "X-Postern-Path": "//evil.example",
      "X-Forwarded-For": "203.0.113.1",
      "X-Forwarded-Host": "evil.example",
      "X-Real-IP": "203.0.113.1",
      Forwarded: "for=203.0.113.1;host=evil.example",
    };
    expect(await get({ Host, ...forged }, "/my-roles?x=1")).toBe(200);
    const headers = seen[0]?.headers ?? {};
    expect(headers["x-middleware-subrequest"]).toBeUndefined();
    expect(headers.forwarded).toBeUndefined();
    expect(headers["x-forwarded-for"]).toBeUndefined();
    expect(headers["x-postern-client-address"]).toBe("127.0.0.1");
    expect(headers["x-postern-path"]).toBe("/my-roles?x=1");
  });
});
