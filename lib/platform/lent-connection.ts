import { AsyncLocalStorage } from "node:async_hooks";
import { PrismaPg } from "@prisma/adapter-pg";
import type pg from "pg";

/** A connection that is in a transaction already. */
export interface LentConnection {
  ask<Answer>(use: (connection: pg.PoolClient) => Promise<Answer>): Promise<Answer>;
}

const lent = new AsyncLocalStorage<LentConnection>();

/** Runs something of Prisma's, which begins its transaction on this connection. */
export function lending<Result>(connection: LentConnection, begin: () => Result): Result {
  return lent.run(connection, begin);
}

const begunAndEndedByItsOwner = /^\s*(?:BEGIN|COMMIT|ROLLBACK)\s*;?\s*$/i;

/** The connection as Prisma's adapter takes it from a pool. It begins, ends and gives back nothing. */
function borrowed(connection: LentConnection) {
  return {
    async query(config: pg.QueryArrayConfig) {
      if (begunAndEndedByItsOwner.test(config.text)) return { fields: [], rows: [], rowCount: 0 };
      return connection.ask((client) => client.query(config));
    },
    on() {},
    removeListener() {},
    release() {},
  };
}

/** Prisma's adapter, whose transactions run on the connection that is lent to them, if there is one. */
export class LendingAdapter extends PrismaPg {
  override async connect() {
    const adapter = await super.connect();
    const start = adapter.startTransaction;
    return Object.assign(adapter, {
      startTransaction(level?: Parameters<typeof start>[0]) {
        const connection = lent.getStore();
        if (!connection) return start.call(adapter, level);
        // The adapter takes a connection from what it calls its client.
        const client = { connect: async () => borrowed(connection) };
        return start.call(Object.create(adapter, { client: { value: client } }), level);
      },
    });
  }
}
