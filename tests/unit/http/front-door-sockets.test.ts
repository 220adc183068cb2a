import { afterEach, describe, expect, it } from "vitest";
import { unannouncedProxy } from "@/lib/platform/front-door";
import { closeDoors, openDoor } from "../../support/peers/front-door";
import { openRaw, statusOf } from "../../support/peers/raw-http";

afterEach(closeDoors);

const publicUrl = "https://postern.example";
const Host = "postern.example";

describe("a proxy of which nothing was said", () => {
  it("is reported once, at the first forwarded header, and to the page of the worker", async () => {
    const lines: string[] = [];
    const { get } = await openDoor({ publicUrl, tell: (line) => lines.push(line) });
    await get({ Host });
    expect(lines).toEqual([]);
    await get({ Host, "X-Forwarded-For": "203.0.113.1" });
    await get({ Host, "X-Forwarded-For": "203.0.113.2" });
    expect(lines).toEqual([expect.stringContaining("POSTERN_TRUSTED_PROXIES is not set")]);
    expect(unannouncedProxy()).toMatchObject({ header: "x-forwarded-for" });
  });

  it("is no news where their number is set, to none as well", async () => {
    const lines: string[] = [];
    for (const trustedProxies of [0, 1]) {
      const { get } = await openDoor({ publicUrl, trustedProxies, tell: (line) => lines.push(line) });
      await get({ Host, "X-Forwarded-For": "203.0.113.1" });
    }
    expect(lines).toEqual([]);
  });
});

describe("sockets", () => {
  it("a request to speak another protocol is answered and its connection closed, also when somebody listens for it", async () => {
    const { port, server, get } = await openDoor({ publicUrl });
    // Does as Next.js does, and then neither answers nor closes.
    server.on("upgrade", () => {});
    await get({ Host });
    const upgrade = ["GET / HTTP/1.1", `Host: ${Host}`, "Connection: Upgrade", "Sec-WebSocket-Version: 13"];
    for (const protocol of ["websocket", "WebSocket", "tls/1.0", "x"]) {
      const answer = await openRaw(port, [...upgrade, `Upgrade: ${protocol}`, "", ""]).closed;
      expect(statusOf(answer), protocol).toBe(400);
    }
    const offer = openRaw(port, [
      "GET / HTTP/1.1",
      `Host: ${Host}`,
      "Connection: Upgrade",
      "Upgrade: h2c",
      "",
      "",
    ]);
    expect(statusOf(await offer.says("page"))).toBe(200);
    offer.socket.destroy();
    expect(
      statusOf(await openRaw(port, ["CONNECT evil.example:443 HTTP/1.1", `Host: ${Host}`, "", ""]).closed),
    ).toBeNaN();
  });

  it("requests that are sent before the answers to others are bounded on a connection, and each is judged by itself", async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { port, seen } = await openDoor({ publicUrl, meanwhile: () => released });
    const one = ["GET / HTTP/1.1", `Host: ${Host}`, ""];
    const many = openRaw(port, [...Array.from({ length: 30 }, () => one).flat()]);
    await expect.poll(() => seen.length).toBe(8);
    release();
    const answers = (await many.closed).match(/HTTP\/1\.1 \d+/g) ?? [];
    expect(answers).toEqual([...Array(8).fill("HTTP/1.1 200"), "HTTP/1.1 429"]);
    expect(seen).toHaveLength(8);
    const mixed = openRaw(port, [...one, "GET / HTTP/1.1", "Host: evil.example", ""]);
    expect((await mixed.closed).match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 421"]);
  });

  it("a body that comes too slowly is given up, an import after longer", async () => {
    const { port, seen } = await openDoor({
      publicUrl,
      patience: 200,
      meanwhile: () => new Promise(() => {}),
    });
    const post = (path: string) =>
      openRaw(port, [
        ...[`POST ${path} HTTP/1.1`, `Host: ${Host}`, `Origin: ${publicUrl}`, "Content-Length: 100"],
        ...["Content-Type: multipart/form-data; boundary=x", "", "--x"],
      ]);
    const file = post("/import/upload");
    expect(statusOf(await post("/").closed)).toBe(408);
    expect(seen.map(({ url }) => url)).toEqual(["/import/upload"]);
    expect(file.text()).toBe("");
    expect(statusOf(await file.closed)).toBe(408);
  });

  it("a request before Postern is ready learns that it starts, and one after it is served", async () => {
    const { ask, get, open } = await openDoor({ publicUrl, starting: true });
    const early = await ask("GET /my-roles", { Host });
    expect(statusOf(early)).toBe(503);
    expect(early).toMatch(/retry-after: \d/i);
    expect(early).toContain("Postern is starting");
    const health = await ask("GET /healthz", { Host: "10.0.0.1" });
    expect(statusOf(health)).toBe(503);
    expect(health).toContain('{"status":"starting"}');
    open();
    expect(await get({ Host })).toBe(200);
    expect(await get({ Host }, "/healthz")).toBe(200);
  });

  it("a connection that says nothing, or never ends its headers, is closed", async () => {
    const { port } = await openDoor({ publicUrl });
    expect(await openRaw(port, []).closed).toMatch(/^$|408/);
    expect(await openRaw(port, ["GET / HTTP/1.1", `Host: ${Host}`]).closed).toContain("408");
    expect(
      await openRaw(port, ["GET / HTTP/1.1", `Host: ${Host}`, `X-Long: ${"x".repeat(20_000)}`, "", ""])
        .closed,
    ).toContain("431");
  });
});
