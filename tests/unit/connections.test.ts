import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { clientLimit, limitConnections } from "../../scripts/parts/connections.mjs";
import { openRaw, type RawConnection, statusOf } from "../support/raw-http";

let server: Server;
const opened: RawConnection[] = [];
afterEach(() => {
  for (const { socket } of opened.splice(0)) socket.destroy();
  server.closeAllConnections();
  server.close();
});

/** A server that answers `/wait` only when told. */
async function serve(limits: { inAll: number; ofOneAddress: number }, trustedProxies = 0) {
  const told: string[] = [];
  const waiting: ServerResponse[] = [];
  server = createServer((request, response) => {
    if (request.url === "/wait") waiting.push(response);
    else response.end("answered");
  });
  limitConnections(server, { limits, trustedProxies, tell: (line: string) => told.push(line) });
  await new Promise<void>((resolve) => server.listen(0, "::", resolve));
  const { port } = server.address() as AddressInfo;
  const accepted = () =>
    new Promise<number>((resolve, reject) =>
      server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  /** Opens a connection, after those before it. */
  const open = async (lines: readonly string[], host?: string) => {
    const arrived = new Promise((resolve) => server.once("connection", resolve));
    const connection = openRaw(port, lines, host);
    opened.push(connection);
    await arrived;
    return connection;
  };
  return { open, told, waiting, accepted };
}

const get = (path: string, ...headers: string[]) => [`GET ${path} HTTP/1.1`, "Host: x", ...headers, "", ""];

it("connections that are held for nothing give way to one that asks, of the same address first, the oldest first", async () => {
  const { open, told } = await serve({ inAll: 100, ofOneAddress: 5 });
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
  expect(told).toEqual([expect.stringContaining("127.0.0.1 holds 5 connections")]);
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
  const { open, accepted, told } = await serve({ inAll: 8, ofOneAddress: 3 }, 1);
  const idle = [];
  for (let index = 0; index < 8; index += 1) idle.push(await open([]));
  expect(await accepted()).toBe(8);
  const asking = await open(get("/"));
  expect(statusOf(await asking.says("answered"))).toBe(200);
  await idle[0]?.closed;
  expect(idle.slice(1).every(({ socket }) => !socket.destroyed)).toBe(true);
  expect(told).toEqual(["8 connections are open: the oldest idle ones are closed."]);
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

it("requests of one client behind proxies are bounded, with the /64 of an IPv6 address", async () => {
  const mayGoOn = clientLimit(2);
  await serve({ inAll: 10, ofOneAddress: 10 });
  const ended: (() => void)[] = [];
  const response = () => ({ once: (_event: string, listener: () => void) => ended.push(listener) });
  expect(mayGoOn("2001:db8::1", response())).toBe(true);
  expect(mayGoOn("2001:db8::2", response())).toBe(true);
  expect(mayGoOn("2001:db8::3", response())).toBe(false);
  expect(mayGoOn("2001:db8:0:1::3", response())).toBe(true);
  ended[0]?.();
  expect(mayGoOn("2001:db8::3", response())).toBe(true);
});
