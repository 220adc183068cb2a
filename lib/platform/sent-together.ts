import { setImmediate } from "node:timers";
import type pg from "pg";

type Answer = pg.QueryResult<object>;

interface Asked {
  readonly query: pg.QueryConfig;
  readonly done: (answer: Answer) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * How many statements go to one connection at once. What a page asks beyond that goes to other connections, which the
 * database serves at the same time.
 */
const most = 6;

/** Sends statements in one packet and frees the connection once all are answered. Each has its own answer or fault. */
async function send(pool: pg.Pool, batch: readonly Asked[]): Promise<void> {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    for (const { failed } of batch) failed(error);
    return;
  }
  let fault: unknown;
  // A connection that breaks also fails what was asked on it.
  const onBroken = (error: Error) => {
    fault = error;
  };
  client.on("error", onBroken);
  const { stream } = client.connection;
  stream.cork();
  const answers = batch.map(({ query, done, failed }) =>
    client.query<object>(query).then(done, (error: unknown) => {
      fault ??= error;
      failed(error);
    }),
  );
  stream.uncork();
  await Promise.all(answers);
  client.off("error", onBroken);
  // As the pool does, so that a connection that was broken is not used again.
  client.release(fault instanceof Error ? fault : fault !== undefined);
}

/**
 * Asks for one request. What it asks at the same time goes to a connection together, so that the network, this process
 * and the database's wake up once and not once for each. The pool's connections are in pipeline mode. The statements are
 * not one transaction: each has a snapshot of its own, and one that fails leaves the others alone.
 */
export function sentTogether(pool: pg.Pool) {
  const waiting = new WeakMap<object, Asked[]>();
  return (request: object | undefined, query: pg.QueryConfig): Promise<Answer> =>
    new Promise((done, failed) => {
      const asked = { query, done, failed };
      const batch = request && waiting.get(request);
      if (batch && batch.length < most) {
        batch.push(asked);
        return;
      }
      const begun = [asked];
      if (request) waiting.set(request, begun);
      setImmediate(() => {
        if (request && waiting.get(request) === begun) waiting.delete(request);
        send(pool, begun);
      });
    });
}
