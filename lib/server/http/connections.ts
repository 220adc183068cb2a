import type { EventEmitter } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { networkOf } from "@/lib/domain/people/network-of";
import { log } from "@/lib/platform/log";
import { meter } from "@/lib/platform/meter";
import { canonicalAddress } from "@/lib/server/http/client-address";

/** How many connections may be open in all and from one address: some fifty browsers, with six each and a stream. */
const most = { inAll: 2_048, ofOneAddress: 512 };
/** One process's share of a limit for all. Connections are handed to the processes in turn. */
export function shareOf(limit: number, processes: number): number {
  return Math.ceil(limit / processes);
}

/**
 * How many requests of one address behind proxies are answered at once. A browser has six under way, and a stream.
 */
export const mostRequestsOfOneClient = 256;
/**
 * How many requests one connection may have under way. Browsers and proxies wait for an answer before they send
 * the next.
 */
export const mostRequestsOnOneConnection = 8;

/**
 * How long a client may take for its headers, and for the whole request. How long it may neither read nor send
 * while something is under way. How long a connection is kept for the next request, which is longer than
 * proxies keep theirs.
 */
export const serverLimits = {
  headersTimeout: 10_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
};
export const silenceMilliseconds = 120_000;
/** How long a body other than an import may take. A large file may come over a slow line. */
export const bodyMilliseconds = 30_000;

/**
 * Limits the connections of a server. A connection too many replaces the oldest one that waits for a request, or for
 * the rest of one, preferably of the same address. So idle connections are lost, and requests are answered. Only if
 * all are busy is the new one closed. An IPv6 address counts by its /64. Behind a proxy all clients have one address,
 * so with `trustedProxies` only the total number of connections is limited, and `underWayLimit` limits requests.
 */
export function limitConnections(
  server: Server,
  {
    trustedProxies = 0,
    processes = 1,
    limits = { inAll: shareOf(most.inAll, processes), ofOneAddress: shareOf(most.ofOneAddress, processes) },
    tell = (line) => log().warn(line),
  }: {
    readonly trustedProxies?: number;
    /** How many processes share the limits. */
    readonly processes?: number;
    readonly limits?: typeof most;
    readonly tell?: (line: string) => void;
  } = {},
): void {
  /** The connections in the order of their last requests, with their networks. */
  const open = new Map<Socket, string>();
  const ofNetwork = new Map<string, number>();
  const busy = new Map<Socket, Set<IncomingMessage>>();
  let warned = false;
  const forget = (socket: Socket) => {
    const network = open.get(socket);
    if (network === undefined) return;
    open.delete(socket);
    busy.delete(socket);
    const left = (ofNetwork.get(network) ?? 0) - 1;
    if (left > 0) ofNetwork.set(network, left);
    else ofNetwork.delete(network);
  };
  /** A slow or missing body occupies a connection as much as silence does. */
  const isIdle = (socket: Socket) => [...(busy.get(socket) ?? [])].every((request) => !request.complete);
  const oldestIdle = (network: string | null) => {
    for (const [socket, of] of open)
      if ((network === null || of === network) && isIdle(socket)) return socket;
    return null;
  };
  const makeRoom = (network: string | null) => {
    const idle = oldestIdle(network);
    if (idle === null) return false;
    forget(idle);
    idle.destroy();
    return true;
  };
  server.on("connection", (socket) => {
    const network = networkOf(canonicalAddress(socket.remoteAddress ?? "") ?? "unknown");
    const ofOne = trustedProxies === 0 && (ofNetwork.get(network) ?? 0) >= limits.ofOneAddress;
    const tooMany = ofOne || open.size >= limits.inAll;
    if (tooMany && !warned) {
      warned = true;
      tell(
        ofOne
          ? `${network} holds ${limits.ofOneAddress} connections: the oldest idle ones are closed. If it is a proxy, set POSTERN_TRUSTED_PROXIES.`
          : `${limits.inAll} connections are open: the oldest idle ones are closed.`,
      );
    }
    if (tooMany && !makeRoom(ofOne ? network : null)) {
      meter()?.turnedAway(null);
      socket.destroy();
      return;
    }
    open.set(socket, network);
    ofNetwork.set(network, (ofNetwork.get(network) ?? 0) + 1);
    socket.once("close", () => forget(socket));
  });
  server.prependListener("request", (request, response) => {
    const { socket } = request;
    const network = open.get(socket);
    if (network === undefined) return;
    busy.set(socket, (busy.get(socket) ?? new Set<IncomingMessage>()).add(request));
    response.once("close", () => {
      busy.get(socket)?.delete(request);
      if (!open.has(socket)) return;
      // Keeps the order of last requests.
      open.delete(socket);
      open.set(socket, network);
    });
  });
}

/** Limits the requests under way for one key, a network or a connection. Returns false for one too many. */
export function underWayLimit<Key>(limit: number) {
  const underWay = new Map<Key, number>();
  return (
    key: Key,
    { socket }: { readonly socket: Pick<EventEmitter, "once" | "off"> },
    response: Pick<EventEmitter, "once" | "off">,
  ): boolean => {
    const count = (underWay.get(key) ?? 0) + 1;
    if (count > limit) return false;
    underWay.set(key, count);
    // A response that waits behind others on its connection gets no event when the connection closes.
    const over = () => {
      response.off("close", over);
      socket.off("close", over);
      const left = (underWay.get(key) ?? 0) - 1;
      if (left > 0) underWay.set(key, left);
      else underWay.delete(key);
    };
    response.once("close", over);
    socket.once("close", over);
    return true;
  };
}

/**
 * Treats requests for another protocol like any other. Without a listener, Node passes them on as requests.
 * Next.js adds a listener at its first request, which neither answers nor closes them.
 */
export function takeUpgradesAsRequests(server: Server): void {
  server.on("newListener", (event, listener) => {
    if (event === "upgrade") queueMicrotask(() => server.removeListener("upgrade", listener));
  });
}

/** Whether a request asks for another protocol. HTTP/2 is an offer that needs no answer. */
export function wantsUpgrade({ headers }: Pick<IncomingMessage, "headers">): boolean {
  return headers.upgrade !== undefined && headers.upgrade.toLowerCase() !== "h2c";
}
