import { type Agent, request as askProxy, type ClientRequestArgs, Agent as PlainAgent } from "node:http";
import { type RequestOptions, Agent as SecureAgent } from "node:https";
import type { Duplex } from "node:stream";
import { connect as connectSecurely } from "node:tls";
import { type BaseClient, custom } from "openid-client";
import { outgoingProxy } from "@/lib/platform/configuration";

/** How long a provider may take for one answer. */
export const providerPatienceMilliseconds = 5_000;
/** The longest answer, in bytes. */
export const longestAnswer = 1_000_000;

/** How often an answer that is under way is measured. */
const measuredMilliseconds = 50;

/** Closes a connection that takes too long or sends too much. */
function bounded<Connection extends Duplex | null | undefined>(connection: Connection): Connection {
  if (!connection) return connection;
  const begun = performance.now();
  const measuring = setInterval(() => {
    const { bytesRead } = connection as unknown as { readonly bytesRead?: number };
    const over = performance.now() - begun > providerPatienceMilliseconds;
    if (over || (bytesRead ?? 0) > longestAnswer) connection.destroy();
  }, measuredMilliseconds);
  connection.once("close", () => clearInterval(measuring));
  return connection;
}

type Created = (error: Error | null, stream: Duplex) => void;

// An agent that keeps no connections alive has one for each request.
class BoundedPlainAgent extends PlainAgent {
  override createConnection(options: ClientRequestArgs, created?: Created) {
    return bounded(super.createConnection(options, created));
  }
}
class BoundedSecureAgent extends SecureAgent {
  override createConnection(options: RequestOptions, created?: Created) {
    return bounded(super.createConnection(options, created));
  }
}
const [plain, secure] = [new BoundedPlainAgent(), new BoundedSecureAgent()];

/** Asks a proxy for a tunnel, and speaks TLS with the host at its other end. */
function openTunnel(proxy: URL, options: RequestOptions, created: Created): void {
  const { username, password } = proxy;
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString(
    "base64",
  );
  const authority = `${options.host}:${options.port ?? 443}`;
  // Without a stream, as Node.js itself calls it.
  const fail = created as (error: Error) => void;
  askProxy({
    ...{ host: proxy.hostname, port: proxy.port || 80, method: "CONNECT", path: authority },
    headers: { host: authority, ...(username ? { "proxy-authorization": `Basic ${login}` } : {}) },
    agent: false,
    signal: AbortSignal.timeout(providerPatienceMilliseconds),
  })
    .once("connect", ({ statusCode }, socket) => {
      if (statusCode !== 200) {
        socket.destroy();
        return fail(new Error(`the proxy ${proxy.host} answers ${statusCode}`));
      }
      const { servername } = options;
      created(null, bounded(connectSecurely({ socket: bounded(socket), servername })));
    })
    .once("error", fail)
    .end();
}

/** An agent that asks hosts through a proxy, each request in a tunnel of its own. */
class TunnelAgent extends SecureAgent {
  constructor(readonly proxy: URL) {
    super();
  }
  override createConnection(options: RequestOptions, created?: Created) {
    if (created) openTunnel(this.proxy, options, created);
    return undefined;
  }
}

/** How a provider is asked, bounded in time and in length, through the proxy of the environment if there is one. */
export function boundedOptions(address: URL): { readonly timeout: number; readonly agent: Agent } {
  const proxy = outgoingProxy(address);
  const direct = address.protocol === "https:" ? secure : plain;
  return { timeout: providerPatienceMilliseconds, agent: proxy === null ? direct : new TunnelAgent(proxy) };
}

/**
 * Limits the time and length of every request of this client to its provider, including those for keys.
 * openid-client itself limits only the wait for the beginning of an answer. An answer that never ends
 * would block the queue of all providers forever.
 */
export function boundRequests(client: BaseClient): void {
  client[custom.http_options] = boundedOptions;
  client.issuer[custom.http_options] = boundedOptions;
}
