import { type Agent, request as askProxy, type ClientRequestArgs, Agent as PlainAgent } from "node:http";
import { type RequestOptions, Agent as SecureAgent } from "node:https";
import type { Duplex } from "node:stream";
import { connect as connectSecurely } from "node:tls";

/** Through which proxy, and how. */
export interface Tunnel {
  readonly proxy: URL;
  /** How long the proxy may take until the tunnel is open. */
  readonly patienceMilliseconds: number;
  /** Sees each connection that is made, the one to the proxy and the one within the tunnel. */
  readonly watch?: (connection: Duplex) => void;
  /** What TLS at the end of the tunnel needs beside what the request says: certificates in PEM. */
  readonly secure?: Pick<RequestOptions, "ca" | "cert" | "key">;
}

type Created = (error: Error | null, stream: Duplex) => void;

/** Asks a proxy for a tunnel to a host. */
function openTunnel(
  { proxy, patienceMilliseconds, watch }: Tunnel,
  { host, port }: ClientRequestArgs,
  created: Created,
): void {
  const { username, password } = proxy;
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString(
    "base64",
  );
  const authority = `${host?.includes(":") ? `[${host}]` : host}:${port}`;
  // Without a stream, as Node.js itself calls it.
  const fail = created as (error: Error) => void;
  askProxy({
    ...{ host: proxy.hostname, port: proxy.port || 80, method: "CONNECT", path: authority },
    headers: { host: authority, ...(username ? { "proxy-authorization": `Basic ${login}` } : {}) },
    agent: false,
    signal: AbortSignal.timeout(patienceMilliseconds),
  })
    .once("connect", ({ statusCode }, socket) => {
      if (statusCode !== 200) {
        socket.destroy();
        return fail(new Error(`the proxy ${proxy.host} answers ${statusCode}`));
      }
      watch?.(socket);
      created(null, socket);
    })
    .once("error", fail)
    .end();
}

class PlainTunnelAgent extends PlainAgent {
  constructor(readonly tunnel: Tunnel) {
    super();
  }
  override createConnection(options: ClientRequestArgs, created?: Created) {
    if (created) openTunnel(this.tunnel, options, created);
    return undefined;
  }
}

/** Speaks TLS with the host at the end of the tunnel, by the host's own certificate. */
class SecureTunnelAgent extends SecureAgent {
  constructor(readonly tunnel: Tunnel) {
    super({ ...tunnel.secure });
  }
  override createConnection(options: RequestOptions, created?: Created) {
    if (!created) return undefined;
    const { host, servername, ca, cert, key } = options;
    openTunnel(this.tunnel, { host, port: options.port ?? 443 }, (error, socket) => {
      if (error) return created(error, socket);
      const within = connectSecurely({
        ...{ socket, ca, cert, key },
        ...(servername === undefined ? {} : { servername }),
        ...(host ? { host } : {}),
      });
      this.tunnel.watch?.(within);
      created(null, within);
    });
    return undefined;
  }
}

/**
 * An agent that asks hosts through a proxy, each request in a tunnel of its own, which the proxy cannot look into if it
 * is https.
 */
export function tunnelAgent({ protocol }: Pick<URL, "protocol">, tunnel: Tunnel): Agent {
  return protocol === "https:" ? new SecureTunnelAgent(tunnel) : new PlainTunnelAgent(tunnel);
}
