import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";

/** What a proxy does with a tunnel that it is asked for. */
export type Proxying = "passes" | "refuses" | "is silent";

/**
 * A proxy that opens tunnels (CONNECT) to names which it alone can find, so that whatever reaches them came through it.
 * Each `host:port` leads to a local port.
 */
export async function startOutgoingProxy(places: Readonly<Record<string, number>>) {
  /** Each tunnel that was asked for, with the password that came along. */
  const asked: string[] = [];
  const now: { proxying: Proxying } = { proxying: "passes" };
  const open = new Set<Duplex>();
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on("connect", ({ url = "", headers }, socket) => {
    asked.push(`${url} ${headers["proxy-authorization"] ?? ""}`.trim());
    open.add(socket);
    socket.on("error", () => {}).once("close", () => open.delete(socket));
    if (now.proxying === "is silent") return;
    const port = places[url];
    if (now.proxying === "refuses" || port === undefined) return socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const tunnel = connect(port, "127.0.0.1");
    tunnel.on("error", () => socket.destroy());
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.pipe(tunnel).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    /** With a name and a password. */
    url: `http://postern:hu%40sh@127.0.0.1:${(server.address() as AddressInfo).port}`,
    password: `Basic ${Buffer.from("postern:hu@sh").toString("base64")}`,
    asked,
    now,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const each of open) each.destroy();
      }),
  };
}
