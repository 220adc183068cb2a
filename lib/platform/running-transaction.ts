import type pg from "pg";
import { types } from "@/lib/platform/direct-values";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * Marks a first statement that only reads and locks, so that it is sent together with `BEGIN`. If that failed, nothing of
 * such a statement would stay. All others wait until the transaction has begun.
 */
export const withBegin = Prisma.raw("/* with BEGIN */");

/**
 * Marks the last statement of a transaction, so that `COMMIT` is sent together with it, unless a check is left that is
 * repeated before the commit. If the statement fails, so does the commit.
 */
export const withCommit = Prisma.raw("/* with COMMIT */");

/** The end of a transaction was asked for, or its time is over. */
class Ended extends Error {
  constructor(longest: number | null) {
    super(
      longest === null ? "this transaction has ended" : `this transaction took longer than ${longest} ms`,
    );
  }
}

/**
 * A transaction as it runs on its connection. It is rolled back when its time is over. Once its end was asked for, nothing
 * more is: what came later would run, and stay, outside of it.
 */
export class RunningTransaction {
  /** How long it may take, in milliseconds. */
  readonly longest: number;
  readonly #connection: pg.PoolClient;
  readonly #timer: NodeJS.Timeout;
  readonly #beginning: Promise<void>;
  #hasBegun = false;
  /** How many statements wait until it has begun. */
  #held = 0;
  #tookTooLong = false;
  #end: Promise<string> | null = null;
  #commits = false;
  /** Why the connection is not good any more. */
  #fault: Error | null = null;

  private constructor(connection: pg.PoolClient, longest: number, begin: string) {
    this.longest = longest;
    this.#connection = connection;
    connection.on("error", this.#onError);
    this.#timer = setTimeout(() => {
      this.#tookTooLong = true;
      this.rollBack();
    }, longest);
    this.#timer.unref();
    this.#beginning = this.#send((client) => client.query(begin)).then(() => {
      this.#hasBegun = true;
    }, this.#broken);
    // What waits for it fails with the same fault, and so does the commit.
    this.#beginning.catch(() => {});
  }

  /** Takes a connection and begins a transaction on it, at the connection's usual isolation or at this level. */
  static async begin(
    pool: pg.Pool,
    longest: number,
    level?: Prisma.TransactionIsolationLevel,
  ): Promise<RunningTransaction> {
    const begin = level
      ? `BEGIN ISOLATION LEVEL ${level.replaceAll(/\B[A-Z]/g, " $&").toUpperCase()}`
      : "BEGIN";
    return new RunningTransaction(await pool.connect(), longest, begin);
  }

  /** What waits for an answer of a connection that breaks fails by itself. */
  readonly #onError = (fault: Error): void => {
    this.#fault ??= fault;
  };

  readonly #broken = (fault: Error): never => {
    this.#fault ??= fault;
    throw fault;
  };

  /**
   * Sends a statement, in one packet with others that are asked at this moment. The database runs them in their order. If
   * it is the `last` one, the commit is sent behind it.
   */
  query(name: string, text: string, values: unknown[], last = false): Promise<pg.QueryResult<object>> {
    const answer = this.ask(
      (client) => client.query<object>({ name, text, values, types }),
      text.includes(withBegin.sql),
    );
    if (last && this.#hasBegun && this.#held === 0 && this.#end === null && !this.#tookTooLong) {
      this.#commits = true;
      // The caller of `commit` gets the fault.
      this.#endWith("COMMIT").catch(() => {});
    }
    return answer;
  }

  /** Uses the connection once the transaction has begun, in the order of the calls, unless it has ended. */
  async ask<Answer>(use: (client: pg.PoolClient) => Promise<Answer>, atOnce = false): Promise<Answer> {
    this.#refuseIfEnded();
    if (this.#held > 0 || !(this.#hasBegun || atOnce)) {
      this.#held += 1;
      try {
        await this.#beginning;
      } finally {
        this.#held -= 1;
      }
      this.#refuseIfEnded();
    }
    return this.#send(use);
  }

  #send<Answer>(use: (client: pg.PoolClient) => Answer): Answer {
    const { stream } = this.#connection.connection;
    stream.cork();
    process.nextTick(() => stream.uncork());
    return use(this.#connection);
  }

  #refuseIfEnded(): void {
    if (this.#tookTooLong) throw new Ended(this.longest);
    if (this.#end) throw new Ended(null);
  }

  /** Commits. Throws if it cannot: a statement failed, a deferred constraint is broken, or the time is over. */
  async commit(): Promise<void> {
    await this.#beginning;
    if (!this.#commits) this.#refuseIfEnded();
    // A transaction in which a statement failed is rolled back by its commit, which says so.
    if ((await (this.#end ?? this.#endWith("COMMIT"))) !== "COMMIT")
      throw new Error("a statement of this transaction failed");
  }

  /** Undoes everything, unless its end was asked for already. Resolves when the connection is free. */
  async rollBack(): Promise<void> {
    await (this.#end ?? this.#endWith("ROLLBACK")).catch(() => {});
  }

  #endWith(statement: "COMMIT" | "ROLLBACK"): Promise<string> {
    this.#end = this.#ended(statement);
    return this.#end;
  }

  async #ended(statement: "COMMIT" | "ROLLBACK"): Promise<string> {
    clearTimeout(this.#timer);
    try {
      return (await this.#connection.query(statement)).command;
    } catch (fault) {
      // Refused by a deferred constraint, it has ended; whatever else it was, this ends it.
      await this.#connection.query("ROLLBACK").catch(this.#onError);
      throw fault;
    } finally {
      this.#connection.removeListener("error", this.#onError);
      this.#connection.release(this.#fault ?? undefined);
    }
  }
}
