import { AsyncLocalStorage } from "node:async_hooks";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { directly, types } from "@/lib/platform/direct-values";
import type { Prisma, PrismaClient } from "@/lib/platform/generated/client";

type NameOf = (query: { readonly sql: string }) => string;
type DriverTransaction = Awaited<ReturnType<Awaited<ReturnType<PrismaPg["connect"]>>["startTransaction"]>>;

const ends = /^\s*(?:COMMIT|ROLLBACK)\s*;?\s*$/i;

/**
 * A transaction as it runs on its connection. Once its end was asked for, nothing more is: what came later would run,
 * and stay, outside of it.
 */
class Running {
  readonly #connection: pg.Client;
  #ended = false;

  constructor(connection: pg.Client) {
    this.#connection = connection;
  }

  /** Sends a statement, in one packet with others that are asked at this moment. The database runs them in their order. */
  query(name: string, text: string, values: unknown[]): Promise<pg.QueryResult<object>> {
    if (this.#ended) throw new Error("this transaction has ended: it took too long");
    const { stream } = this.#connection.connection;
    stream.cork();
    process.nextTick(() => stream.uncork());
    return this.#connection.query<object>({ name, text, values, types });
  }

  end(): void {
    this.#ended = true;
  }
}

/** The transaction that is being begun around here. */
const beginning = new AsyncLocalStorage<{ running?: Running }>();

/** Notes on which connection a transaction of Prisma's runs, and when it ends. */
function noted(transaction: DriverTransaction): DriverTransaction {
  const begun = beginning.getStore();
  if (!begun || begun.running) return transaction;
  // The adapter keeps it to itself.
  const connection: unknown = Reflect.get(transaction, "client");
  if (!(connection instanceof pg.Client)) throw new Error("Prisma's adapter names no connection");
  const running = new Running(connection);
  begun.running = running;
  const execute = transaction.executeRaw.bind(transaction);
  return Object.assign(transaction, {
    executeRaw(asked: Parameters<typeof execute>[0]) {
      if (ends.test(asked.sql)) running.end();
      return execute(asked);
    },
  });
}

/** Prisma's adapter, of which `withDirectTransactions` knows the connection of each transaction. */
export class DirectAdapter extends PrismaPg {
  override async connect() {
    const adapter = await super.connect();
    const start = adapter.startTransaction.bind(adapter);
    return Object.assign(adapter, {
      startTransaction: async (level?: Parameters<typeof start>[0]) => noted(await start(level)),
    });
  }
}

/** The same transaction with raw queries that go straight to its connection. */
function direct(
  transaction: Prisma.TransactionClient,
  running: Running,
  nameOf: NameOf,
): Prisma.TransactionClient {
  function ask(first: TemplateStringsArray | Prisma.Sql, values: readonly unknown[]) {
    const { text, given } = directly(first, values);
    return running.query(nameOf({ sql: text }), text, given);
  }
  const raw = {
    $queryRaw: async (first: TemplateStringsArray | Prisma.Sql, ...values: readonly unknown[]) =>
      (await ask(first, values)).rows,
    $executeRaw: async (first: TemplateStringsArray | Prisma.Sql, ...values: readonly unknown[]) =>
      (await ask(first, values)).rowCount ?? 0,
  };
  return new Proxy(transaction, {
    get: (target, key) => Reflect.get(key in raw ? raw : target, key),
  });
}

/**
 * The same client, in whose transactions raw queries go straight to the connection, under the same names of prepared
 * statements, and answer what Prisma would. Prisma begins and ends the transactions. Its way through its layers takes
 * three times as long in this process, and an activation asks twenty such questions (docs/decisions/speed.md). The
 * client's adapter is a `DirectAdapter`.
 */
export function withDirectTransactions(client: PrismaClient, nameOf: NameOf): PrismaClient {
  function transact(
    work: ((transaction: Prisma.TransactionClient) => Promise<unknown>) | Prisma.PrismaPromise<unknown>[],
    options?: object,
  ) {
    if (typeof work !== "function") return client.$transaction(work, options);
    const begun: { running?: Running } = {};
    return beginning.run(begun, () =>
      client.$transaction((transaction) => {
        if (!begun.running) throw new Error("a transaction began on an unknown connection");
        return work(direct(transaction, begun.running, nameOf));
      }, options),
    );
  }
  return new Proxy(client, {
    get: (target, key) => (key === "$transaction" ? transact : Reflect.get(target, key)),
  });
}
