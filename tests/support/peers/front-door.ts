import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serverLimits, takeUpgradesAsRequests } from "@/lib/server/http/connections";
import { frontDoor, type Handler } from "@/lib/server/http/front-door";
import { openRaw, statusOf } from "./raw-http";

interface Options {
  readonly publicUrl?: string;
  readonly trustedProxies?: number | null;
  readonly starting?: boolean;
  readonly tell?: (line: string) => void;
  readonly patience?: number;
  /** How the log names the paths of requests. */
  readonly placeOf?: (path: string) => string;
  /** How the metrics name them. */
  readonly routeOf?: (path: string) => string;
  /** What the page waits for before it answers. */
  readonly meanwhile?: () => Promise<void>;
  /** What answers before the page does. */
  readonly before?: (page: Handler) => Handler;
}

/** A request as it arrived. */
interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: Record<string, string | undefined>;
}

const servers: Server[] = [];
/** Closes everything that a test opened. */
export function closeDoors(): void {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
}

const health = {
  answers: async () => true,
  async answer(_request: IncomingMessage, response: ServerResponse) {
    response.end("healthy");
  },
  readiness: async () => "ready" as const,
};

/** Opens the front door before a page that returns the request it received. */
export async function openDoor({
  publicUrl,
  trustedProxies = null,
  starting = false,
  tell = () => {},
  patience,
  placeOf,
  routeOf,
  meanwhile = async () => {},
  before = (page) => page,
}: Options = {}) {
  const seen: Seen[] = [];
  const door = frontDoor({
    publicUrl: publicUrl ?? "http://localhost",
    local: publicUrl === undefined,
    trustedProxies,
    development: false,
    health,
    tell,
    patience,
    placeOf,
    routeOf,
  });
  const page = async (request: IncomingMessage, response: ServerResponse) => {
    const headers = request.headers as Record<string, string | undefined>;
    seen.push({ method: request.method, url: request.url, headers });
    await meanwhile();
    response.end("page");
  };
  const open = () => door.open(before(page), new Set<string>());
  if (!starting) open();
  const server = createServer(
    { ...serverLimits, headersTimeout: 1_000, requestTimeout: 1_500, connectionsCheckingInterval: 100 },
    door.answer,
  );
  takeUpgradesAsRequests(server);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  const ask = async (line: string, headers: Readonly<Record<string, string>>) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    return openRaw(port, [`${line} HTTP/1.1`, "Connection: close", ...lines, "", ""]).closed;
  };
  /** The status of a GET with these headers. */
  const get = async (headers: Readonly<Record<string, string>>, path = "/") =>
    statusOf(await ask(`GET ${path}`, headers));
  const post = async (headers: Readonly<Record<string, string>>, path = "/") =>
    statusOf(await ask(`POST ${path}`, { "Content-Length": "0", ...headers }));
  return { port, server, seen, ask, get, post, open, leave: door.leave };
}
