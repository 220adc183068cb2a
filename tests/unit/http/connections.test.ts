import { EventEmitter } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { limitConnections, underWayLimit } from "@/lib/server/http/connections";
import { openRaw, type RawConnection, statusOf } from "../../support/peers/raw-http";

let server: Server;
const opened: RawConnection[] = [];
afterEach(() => {
  for (const { socket } of opened.splice(0)) socket.destroy();
  server.closeAllConnections();
  server.close();
});

/** A server that answers `/wait` only when a test lets it. */
async function serve(limits: { inAll: number; ofOneAddress: number }, trustedProxies = 0) {
  const warnings: string[] = [];
  const waiting: ServerResponse[] = [];
  server = createServer((request, response) => {
    if (request.url === "/wait") waiting.push(response);
    else response.end("answered");
  });
  limitConnections(server, { limits, trustedProxies, tell: (line: string) => warnings.push(line) });
  await new Promise<void>((resolve) => server.listen(0, "::", resolve));
  const { port } = server.address() as AddressInfo;
  const accepted = () =>
    new Promise<number>((resolve, reject) =>
      server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  /** Opens a connection after the earlier ones. */
  const open = async (lines: readonly string[], host?: string) => {
    const arrived = new Promise((resolve) => server.once("connection", resolve));
    const connection = openRaw(port, lines, host);
    opened.push(connection);
    await arrived;
    return connection;
  };
  return { open, warnings, waiting, accepted };
}

const get = (path: string, ...headers: string[]) => [`GET ${path} HTTP/1.1`, "Host: x", ...headers, "", ""];

it("connections that are held for nothing give way to one that asks, of the same address first, the oldest first", async () => {
  const { open, warnings } = await serve({ inAll: 100, ofOneAddress: 5 });
  const other = await open([], "::1");
  const idle = [];
  for (let index = 0; index < 5; index += 1) idle.push(await open(index % 2 === 0 ? [] : ["GET / HTTP/1.1"]));
  const asking = await open(get("/"));
  expect(statusOf(await asking.says("answered"))).toBe(200);
  await idle[0]?.closed;
  await open([]);
  await idle[1]?.closed;
  expect(idle.slice(2).map(({ socket }) => socket.destroyed)).toEqual([false, false, false]);
  expect(other.socket.destroyed).toBe(false);
  expect(warnings).toEqual([expect.stringContaining("127.0.0.1 holds 5 connections")]);
});

it("connections with a request under way are never taken for another, which is closed then", async () => {
  const { open, waiting } = await serve({ inAll: 100, ofOneAddress: 3 });
  const busy = [await open(get("/wait")), await open(get("/wait")), await open(get("/wait"))];
  await expect.poll(() => waiting.length).toBe(3);
  const fourth = await open(get("/"));
  expect(await fourth.closed).toBe("");
  waiting[0]?.end("waited");
  await busy[0]?.says("waited");
  const fifth = await open(get("/"));
  expect(statusOf(await fifth.says("answered"))).toBe(200);
  // The first is idle now, and gave way.
  await busy[0]?.closed;
  expect(busy.slice(1).map(({ socket }) => socket.destroyed)).toEqual([false, false]);
});

it("all connections together are bounded, and behind a proxy, where one address is everybody, only those", async () => {
  const { open, accepted, warnings } = await serve({ inAll: 8, ofOneAddress: 3 }, 1);
  const idle = [];
  for (let index = 0; index < 8; index += 1) idle.push(await open([]));
  expect(await accepted()).toBe(8);
  const asking = await open(get("/"));
  expect(statusOf(await asking.says("answered"))).toBe(200);
  await idle[0]?.closed;
  expect(idle.slice(1).every(({ socket }) => !socket.destroyed)).toBe(true);
  expect(warnings).toEqual(["8 connections are open: the oldest idle ones are closed."]);
});

it("six browsers' worth of connections and pages that listen go on while one address floods", async () => {
  const { open, waiting } = await serve({ inAll: 2_048, ofOneAddress: 512 });
  const listening = [];
  for (let index = 0; index < 36; index += 1) listening.push(await open(get("/wait"), "::1"));
  for (let index = 0; index < 600; index += 1) await open(["GET / HTTP/1.1"]);
  const asking = await open(get("/"));
  expect(statusOf(await asking.says("answered"))).toBe(200);
  expect(waiting).toHaveLength(36);
  for (const response of waiting) response.end("told");
  for (const each of listening) expect(statusOf(await each.says("told"))).toBe(200);
});

it("connections whose bodies never come whole give way like idle ones", async () => {
  const { open, waiting } = await serve({ inAll: 4, ofOneAddress: 4 });
  const slow = [];
  for (let index = 0; index < 4; index += 1)
    slow.push(
      await open(["POST /wait HTTP/1.1", "Host: x", "Content-Length: 100", "", "the rest never comes"]),
    );
  await expect.poll(() => waiting.length).toBe(4);
  const asking = await open(get("/"), "::1");
  expect(statusOf(await asking.says("answered"))).toBe(200);
  await slow[0]?.closed;
  expect(slow.slice(1).map(({ socket }) => socket.destroyed)).toEqual([false, false, false]);
});

it("requests under way are bounded for each key, until they are answered or their connection is gone", () => {
  const mayGoOn = underWayLimit(2);
  const socket = new EventEmitter();
  const ask = (key: string) => {
    const response = new EventEmitter();
    return { may: mayGoOn(key, { socket }, response), end: () => response.emit("close") };
  };
  const first = ask("2001:db8::/64");
  expect([first.may, ask("2001:db8::/64").may, ask("2001:db8::/64").may]).toEqual([true, true, false]);
  expect(ask("192.0.2.1").may).toBe(true);
  first.end();
  expect([ask("2001:db8::/64").may, ask("2001:db8::/64").may]).toEqual([true, false]);
  socket.emit("close");
  expect(socket.listenerCount("close")).toBe(0);
  expect([ask("2001:db8::/64").may, ask("2001:db8::/64").may]).toEqual([true, true]);
});
