import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";

/** How long a statement of a serving process or of the worker may take, in milliseconds: the database ends it then. */
export const longestStatement = 30_000;

/** For how long a host may be silent while a statement waits for its answer, in milliseconds. */
export interface Patience {
  /** After this a new connection asks whether it is there, and again each time it has been as long. */
  readonly beforeAsking: number;
  /** For how long that question may be open. */
  readonly forAnswer: number;
  /** After this the connection itself is taken for dead, though its host is there. */
  readonly inAll: number;
}

export const usualPatience: Patience = {
  beforeAsking: 5_000,
  forAnswer: 5_000,
  inAll: longestStatement + 10_000,
};

/** The connections that are watched, by the host that they lead to. */
const watched = new Map<string, Set<pg.Client>>();
const questions = new Map<string, Promise<boolean>>();

const hostOf = ({ host, port }: pg.Client) => `${host}:${port}`;

/** Whether a statement waits for its answer. The driver's types do not tell of this. */
const isWaiting = (client: pg.Client) => "readyForQuery" in client && client.readyForQuery === false;

/** Whether a host lets in a new connection, or refuses it in words of its own. */
async function isThere(url: string, { host, port }: pg.Client, patience: number): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: patience });
  client.on("error", () => {});
  client.host = host;
  client.port = port;
  try {
    await client.connect();
    return true;
  } catch (error) {
    return error instanceof pg.DatabaseError;
  } finally {
    client.end().catch(() => {});
  }
}

/** One question for all connections to a host that doubt at the same time. */
function askHost(url: string, client: pg.Client, patience: number): Promise<boolean> {
  const host = hostOf(client);
  const open = questions.get(host) ?? isThere(url, client, patience).finally(() => questions.delete(host));
  questions.set(host, open);
  return open;
}

/** Where it stands on a network: with TLS or without, it is a socket. */
const socketOf = (client: pg.Client) => client.connection.stream as Socket;

function end(client: pg.Client, reason: string): void {
  socketOf(client).destroy(new Error(`the database's host ${reason}`));
}

/**
 * Ends a connection, and so what waits for it, once its host has vanished without closing it: packets are dropped, or the machine
 * stands still. The operating system would wait for a quarter of an hour, and the limits of statements are kept by the very
 * host that is gone. Others that lead to it and have heard nothing since end with it.
 */
export function endWhenSilent(client: pg.Client, url: string, patience: Patience): void {
  const stream = socketOf(client);
  const host = hostOf(client);
  const others = watched.get(host) ?? new Set();
  watched.set(host, others.add(client));
  stream.once("close", () => {
    others.delete(client);
    if (others.size === 0 && watched.get(host) === others) watched.delete(host);
  });

  async function doubt(): Promise<void> {
    const heard = new Map([...others].map((each) => [each, socketOf(each).bytesRead]));
    const hasHeard = (each: pg.Client) => socketOf(each).bytesRead !== heard.get(each);
    const isSilent = () => !stream.destroyed && isWaiting(client) && !hasHeard(client);
    const begun = performance.now() - patience.beforeAsking;
    while (isSilent()) {
      const there = await askHost(url, client, patience.forAnswer);
      if (!isSilent()) return;
      const over = performance.now() - begun >= patience.inAll;
      if (!there || over) {
        const reason = there ? "has forgotten this connection" : "does not answer";
        // At a host that answers, what others wait for may come yet.
        for (const each of others)
          if (!hasHeard(each) && (each === client || !there || !isWaiting(each))) end(each, reason);
        return;
      }
      await pause(patience.beforeAsking, undefined, { ref: false });
    }
  }

  stream.setTimeout(patience.beforeAsking);
  // Counted from what was sent or heard last. While nothing is asked, silence means nothing.
  stream.on("timeout", () => {
    if (isWaiting(client)) doubt().catch(() => {});
  });
}
