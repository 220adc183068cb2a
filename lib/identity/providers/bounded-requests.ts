import { type ClientRequestArgs, Agent as PlainAgent } from "node:http";
import { type RequestOptions, Agent as SecureAgent } from "node:https";
import type { Duplex } from "node:stream";
import { type BaseClient, type CustomHttpOptionsProvider, custom } from "openid-client";
import { longestAnswer, providerPatienceMilliseconds } from "@/lib/identity/providers/provider-metadata";

/** How often an answer that is under way is measured. */
const measuredMilliseconds = 50;

/** Closes a connection that takes too long, or brings too much. */
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

// An agent that keeps no connection has one for each request.
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

const options: CustomHttpOptionsProvider = (url) => ({
  timeout: providerPatienceMilliseconds,
  agent: url.protocol === "https:" ? secure : plain,
});

/**
 * Bounds what this client asks of its provider, keys included, in time and in length. openid-client itself waits for the
 * beginning of an answer alone: one that never ends would hold a turn of all providers forever.
 */
export function boundRequests(client: BaseClient): void {
  client[custom.http_options] = options;
  client.issuer[custom.http_options] = options;
}
