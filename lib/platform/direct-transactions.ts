import { AsyncLocalStorage } from "node:async_hooks";
import { PrismaPg } from "@prisma/adapter-pg";
import type pg from "pg";
import { directly } from "@/lib/platform/direct-values";
import type { Prisma, PrismaClient } from "@/lib/platform/generated/client";
import { checksAreLeft } from "@/lib/platform/recheck";
import { RunningTransaction, withCommit } from "@/lib/platform/running-transaction";

type NameOf = (query: { readonly sql: string }) => string;
type Work = (transaction: Prisma.TransactionClient) => Promise<unknown>;
type Methods = Record<string, (input?: unknown) => Promise<unknown>>;

/** The usual time limit, as Prisma has it. */
const usualLimit = 5_000;

interface TransactionOptions {
  readonly timeout?: number;
  readonly isolationLevel?: Prisma.TransactionIsolationLevel;
  /** Whether `COMMIT` goes with the statement that is marked as the last one. False if something comes behind it. */
  readonly commitsWithLast?: boolean;
}

/** A connection that is in a transaction already. */
interface LentConnection {
  ask<Answer>(use: (connection: pg.PoolClient) => Promise<Answer>): Promise<Answer>;
}

const lent = new AsyncLocalStorage<LentConnection>();

/** Runs something of Prisma's, which begins its transaction on this connection. */
function lending<Result>(connection: LentConnection, begin: () => Result): Result {
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

/**
 * Prisma's own transaction on the connection of a running one, begun when the first of Prisma's methods is called. It
 * neither begins nor ends anything there.
 */
class WithinPrisma {
  readonly #client: PrismaClient;
  readonly #running: RunningTransaction;
  #transaction: Promise<Prisma.TransactionClient> | null = null;
  #leave: () => void = () => {};
  #left: Promise<unknown> = Promise.resolve();

  constructor(client: PrismaClient, running: RunningTransaction) {
    this.#client = client;
    this.#running = running;
  }

  enter(): Promise<Prisma.TransactionClient> {
    this.#transaction ??= new Promise((resolve, reject) => {
      const over = new Promise<void>((leave) => {
        this.#leave = leave;
      });
      this.#left = lending(this.#running, () =>
        this.#client.$transaction(
          (transaction) => {
            resolve(transaction);
            return over;
          },
          { maxWait: this.#running.longest, timeout: this.#running.longest },
        ),
      ).catch(reject);
    });
    return this.#transaction;
  }

  /** Lets go of the connection, which stays in its transaction. */
  async leave(): Promise<void> {
    this.#leave();
    await this.#left;
  }
}

/** A transaction as verbs see it. Raw statements go straight to its connection, and Prisma's methods through Prisma. */
function seen(
  client: PrismaClient,
  running: RunningTransaction,
  prisma: WithinPrisma,
  nameOf: NameOf,
  commitsWithLast: boolean,
): Prisma.TransactionClient {
  function ask(first: TemplateStringsArray | Prisma.Sql, values: readonly unknown[]) {
    const { text, given } = directly(first, values);
    const last = commitsWithLast && text.includes(withCommit.sql) && !checksAreLeft(transaction);
    return running.query(nameOf({ sql: text }), text, given, last);
  }
  const raw = {
    $queryRaw: async (first: TemplateStringsArray | Prisma.Sql, ...values: readonly unknown[]) =>
      (await ask(first, values)).rows,
    $executeRaw: async (first: TemplateStringsArray | Prisma.Sql, ...values: readonly unknown[]) =>
      (await ask(first, values)).rowCount ?? 0,
  };
  const inPrisma = (name: string, verb: string) => async (input?: unknown) => {
    const methods = Reflect.get(await prisma.enter(), name) as Methods;
    return methods[verb]?.(input);
  };
  const methodsOf = (name: string) =>
    new Proxy({}, { get: (_, verb) => (typeof verb === "string" ? inPrisma(name, verb) : undefined) });
  const transaction: Prisma.TransactionClient = new Proxy(client, {
    get(target, key) {
      if (key in raw) return Reflect.get(raw, key);
      if (key === "$queryRawUnsafe" || key === "$executeRawUnsafe")
        return async (text: string, ...values: readonly unknown[]) =>
          (await prisma.enter())[key](text, ...values);
      // A model of the schema. Anything else is none of a transaction's.
      return typeof key === "string" && /^[a-z]/.test(key) && key in target && key !== "then"
        ? methodsOf(key)
        : undefined;
    },
  });
  return transaction;
}

/**
 * The same client, whose transactions are begun and ended by the driver, and in which raw queries go straight to the
 * connection, under the same names of prepared statements, and answer what Prisma would. Prisma's way through its layers
 * takes three times as long in this process (docs/decisions/speed.md), and only a transaction that calls one of Prisma's
 * methods pays it. The client's adapter is a `LendingAdapter`.
 */
export function withDirectTransactions(client: PrismaClient, pool: pg.Pool, nameOf: NameOf): PrismaClient {
  async function transact(
    work: Work | Prisma.PrismaPromise<unknown>[],
    { timeout = usualLimit, isolationLevel, commitsWithLast = true }: TransactionOptions = {},
  ) {
    if (typeof work !== "function") return client.$transaction(work);
    const running = await RunningTransaction.begin(pool, timeout, isolationLevel);
    const prisma = new WithinPrisma(client, running);
    try {
      const result = await work(seen(client, running, prisma, nameOf, commitsWithLast));
      await prisma.leave();
      await running.commit();
      return result;
    } catch (fault) {
      await running.rollBack();
      await prisma.leave().catch(() => {});
      throw fault;
    }
  }
  return new Proxy(client, {
    get: (target, key) => (key === "$transaction" ? transact : Reflect.get(target, key)),
  });
}
