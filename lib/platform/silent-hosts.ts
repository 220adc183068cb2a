import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";

/** How long a statement of a serving process or of the worker may take, in milliseconds. Then the database ends it. */
export const longestStatement = 30_000;

/** For how long a host may be silent while a statement waits for its answer, in milliseconds. */
export interface Patience {
  /** After this time a new connection checks whether the host is there, and again each time it has passed. */
  readonly beforeAsking: number;
  /** How long that check may take. */
  readonly forAnswer: number;
  /** After this time the connection itself counts as dead, though its host is there. */
  readonly inAll: number;
}

export const usualPatience: Patience = {
  beforeAsking: 5_000,
  forAnswer: 5_000,
  inAll: longestStatement + 10_000,
};

/** The connections that are watched, by their hosts. */
const watched = new Map<string, Set<pg.Client>>();
const questions = new Map<string, Promise<boolean>>();

const hostOf = ({ host, port }: pg.Client) => `${host}:${port}`;

/** Whether a statement waits for its answer. The driver's types do not include this. */
const isWaiting = (client: pg.Client) => "readyForQuery" in client && client.readyForQuery === false;

/** Whether a host accepts a new connection, or refuses it with an answer. */
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

/** One check for all connections to a host that are silent at the same time. */
function askHost(url: string, client: pg.Client, patience: number): Promise<boolean> {
  const host = hostOf(client);
  const open = questions.get(host) ?? isThere(url, client, patience).finally(() => questions.delete(host));
  questions.set(host, open);
  return open;
}

/** The network socket of a connection, with TLS or without. */
const socketOf = (client: pg.Client) => client.connection.stream as Socket;

function end(client: pg.Client, reason: string): void {
  socketOf(client).destroy(new Error(`the database's host ${reason}`));
}

/**
 * Ends a connection, and so what waits for it, once its host has vanished without closing it: packets are dropped, or
 * the machine has stopped. The operating system would wait for a quarter of an hour, and the vanished host itself
 * enforces the time limits of statements. Other connections to the same host that have received nothing since end with
 * it.
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
        // If the host answers, other waiting answers may still come.
        for (const each of others)
          if (!hasHeard(each) && (each === client || !there || !isWaiting(each))) end(each, reason);
        return;
      }
      await pause(patience.beforeAsking, undefined, { ref: false });
    }
  }

  stream.setTimeout(patience.beforeAsking);
  // Counted from what was last sent or received. While nothing is asked, silence means nothing.
  stream.on("timeout", () => {
    if (isWaiting(client)) doubt().catch(() => {});
  });
}
