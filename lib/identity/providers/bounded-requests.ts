import { type Agent, type ClientRequestArgs, Agent as PlainAgent } from "node:http";
import { type RequestOptions, Agent as SecureAgent } from "node:https";
import type { Duplex } from "node:stream";
import { type BaseClient, custom } from "openid-client";
import { outgoingProxy } from "@/lib/platform/configuration";
import { tunnelAgent } from "@/lib/platform/tunnel-agent";

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

/** How a provider is asked, bounded in time and in length, through the proxy of the environment if there is one. */
export function boundedOptions(address: URL): { readonly timeout: number; readonly agent: Agent } {
  const proxy = outgoingProxy(address);
  const direct = address.protocol === "https:" ? secure : plain;
  const tunnelled = { patienceMilliseconds: providerPatienceMilliseconds, watch: bounded };
  const agent = proxy === null ? direct : tunnelAgent(address, { proxy, ...tunnelled });
  return { timeout: providerPatienceMilliseconds, agent };
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
