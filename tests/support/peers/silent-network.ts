import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A network in front of a server. It passes everything on, until it silently drops everything. */
export interface SilentNetwork {
  readonly port: number;
  /** From now on nothing arrives, on open or new connections, and none is closed. */
  fallSilent(): void;
  /** What waited arrives, and it passes everything on again. */
  recover(): void;
  /** The connections of this moment carry nothing any more, for ever. New ones do. */
  forgetConnections(): void;
  /** How many connections were opened so far. */
  opened(): number;
  close(): Promise<void>;
}

export async function startSilentNetwork(target: number): Promise<SilentNetwork> {
  let silent = false;
  let opened = 0;
  const waiting = new Set<() => void>();
  const sockets = new Set<Socket>();
  const forgotten = new Set<Socket>();
  /** Passes bytes on now, or in their order after it has recovered. */
  const carry = (from: Socket, to: Socket) => {
    from.on("data", (bytes: Buffer) => {
      const pass = () => {
        if (!forgotten.has(from) && !forgotten.has(to)) to.write(bytes);
      };
      if (silent) waiting.add(pass);
      else pass();
    });
    // The end of a connection is a packet like any other.
    from.once("close", () => {
      sockets.delete(from);
      const close = () => void to.destroy();
      if (silent) waiting.add(close);
      else if (!forgotten.has(from)) close();
    });
    from.on("error", () => {});
  };
  const server = createServer((client) => {
    opened += 1;
    sockets.add(client);
    const join = () => {
      const behind = connect(target, "127.0.0.1");
      sockets.add(behind);
      carry(client, behind);
      carry(behind, client);
    };
    client.on("error", () => {});
    if (silent) waiting.add(join);
    else join();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    opened: () => opened,
    fallSilent() {
      silent = true;
    },
    recover() {
      silent = false;
      for (const each of waiting) each();
      waiting.clear();
    },
    forgetConnections() {
      for (const each of sockets) forgotten.add(each);
    },
    async close() {
      for (const each of sockets) each.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
