import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import type { Transaction } from "@/lib/platform/database";
import { sqlState } from "@/lib/platform/database-errors";
import { Prisma } from "@/lib/platform/generated/client";
import { checksOf } from "@/lib/platform/recheck";
import { withBegin, withCommit } from "@/lib/platform/running-transaction";
import { inTransaction } from "@/lib/platform/transaction";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
afterEach(async () => {
  vi.restoreAllMocks();
  // Whatever happened, every connection is back and none is in a transaction.
  const [pool] = test.database.pools();
  expect(pool?.busy).toBe(0);
  const open = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`;
  expect((await test.asOwner(open)).rowCount).toBe(0);
});

const add = (transaction: Transaction, key: string, mark = Prisma.empty) =>
  transaction.$executeRaw`${mark} INSERT INTO sign_in_throttles (key) VALUES (${key})`;
const stays = async (key: string) =>
  (await test.database.client.signInThrottle.count({ where: { key } })) > 0;
const failing = (transaction: Transaction) => transaction.$queryRaw`SELECT 1 / ${0}::int`;
const run = <Result>(work: (transaction: Transaction, key: string) => Promise<Result>, longest?: number) => {
  const key = randomUUID();
  return inTransaction(test.database, (transaction) => work(transaction, key), longest).then(
    async (result) => ({ result, fault: undefined, stays: await stays(key) }),
    async (fault: unknown) => ({ result: undefined, fault, stays: await stays(key) }),
  );
};

it("what was done stays, by raw statements and by methods of Prisma", async () => {
  expect(await run(add)).toMatchObject({ result: 1, stays: true });
  const byPrisma = await run((transaction, key) => transaction.signInThrottle.create({ data: { key } }));
  expect(byPrisma).toMatchObject({ fault: undefined, stays: true });
});

it("nothing stays of work that throws, also after a method of Prisma", async () => {
  const thrown = new Error("no");
  const byPrisma = await run(async (transaction, key) => {
    await add(transaction, `${key}:raw`);
    await transaction.signInThrottle.create({ data: { key } });
    throw thrown;
  });
  expect(byPrisma).toEqual({ result: undefined, fault: thrown, stays: false });
});

it("a failed statement undoes everything, even if the work says nothing of it", async () => {
  const swallowed = await run(async (transaction, key) => {
    await add(transaction, key);
    await failing(transaction).catch(() => {});
    return "done";
  });
  expect(swallowed).toMatchObject({ result: undefined, fault: expect.any(Error), stays: false });
});

it("the commit goes with the last statement, and nothing runs behind it", async () => {
  const query = vi.spyOn(pg.Client.prototype, "query");
  let behind: unknown;
  const done = await run(async (transaction, key) => {
    await transaction.$queryRaw`SELECT 1`;
    const last = add(transaction, key, withCommit);
    const sent = query.mock.calls.map(([given]) => given as unknown);
    behind = await add(transaction, `${key}:behind`).catch((fault: unknown) => fault);
    await last;
    return sent.at(-1);
  });
  expect(done).toMatchObject({ result: "COMMIT", stays: true });
  expect(behind).toBeInstanceOf(Error);
});

it("the last statement fails with its commit, and a commit that is refused is no success", async () => {
  const fails = await run(async (transaction, key) => {
    await add(transaction, key);
    return transaction.$queryRaw`${withCommit} SELECT 1 / ${0}::int`;
  });
  expect([sqlState(fails.fault), fails.stays]).toEqual(["22012", false]);
  // A change without its event is refused at the commit.
  for (const mark of [withCommit, Prisma.empty]) {
    const refused = await run(async (transaction, key) => {
      await add(transaction, key);
      await transaction.$executeRaw`
        ${mark} INSERT INTO principals (type, display_name, email) VALUES ('User', 'Eve', ${`${key}@contoso.example`})`;
    });
    expect([sqlState(refused.fault), refused.stays]).toEqual(["23000", false]);
  }
});

it("a check that is left is made before the commit", async () => {
  const seen: boolean[] = [];
  const done = await run(async (transaction, key) => {
    await transaction.$queryRaw`SELECT 1`;
    checksOf(transaction).repeat.push(async () => {
      seen.push(await stays(key));
      return true;
    });
    await add(transaction, key, withCommit);
  });
  expect(done).toMatchObject({ fault: undefined, stays: true });
  expect(seen).toEqual([false]);
});

it("nothing runs outside of a transaction that could not begin", async () => {
  const query = pg.Client.prototype.query;
  const sent: unknown[] = [];
  const keys = [randomUUID(), randomUUID()];
  vi.spyOn(pg.Client.prototype, "query").mockImplementation(function (this: pg.Client, ...given: unknown[]) {
    const [asked] = given as [string | { text: string; values: unknown[] }];
    if (asked === "BEGIN") return Promise.reject(new Error("canceled"));
    if (typeof asked === "object") sent.push(asked.text.trim().slice(0, 30));
    return Reflect.apply(query, this, given);
  } as typeof query);
  const over = await inTransaction(test.database, (transaction) =>
    Promise.all([
      transaction.$queryRaw`${withBegin} SELECT 1 FROM principals FOR UPDATE`,
      ...keys.map((key) => add(transaction, key)),
    ]),
  ).catch((fault: unknown) => fault);
  vi.restoreAllMocks();
  expect(over).toMatchObject({ message: "canceled" });
  expect(sent).toEqual(["/* with BEGIN */ SELECT 1 FROM"]);
  for (const key of keys) expect(await stays(key)).toBe(false);
});

it("what must wait for the beginning runs in the order in which it was asked", async () => {
  const done = await run(async (transaction, key) => {
    const [, , , changed] = await Promise.all([
      transaction.$queryRaw`${withBegin} SELECT 1`,
      add(transaction, key),
      transaction.$executeRaw`UPDATE sign_in_throttles SET refused = 1 WHERE key = ${key}`,
      transaction.$executeRaw`UPDATE sign_in_throttles SET refused = 2 WHERE key = ${key} AND refused = 1`,
    ]);
    return changed;
  });
  expect(done).toMatchObject({ result: 1, stays: true });
});

it("a connection that breaks is replaced, and what ran on it did not happen", async () => {
  const broken = await run(async (transaction, key) => {
    await add(transaction, key);
    const [row] = await transaction.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
    await test.asOwner("SELECT pg_terminate_backend($1)", [row?.pid]);
    return add(transaction, `${key}:late`);
  });
  expect(broken).toMatchObject({ result: undefined, fault: expect.any(Error), stays: false });
  expect(await run(add)).toMatchObject({ stays: true });
});

it("time that is over ends a transaction of Prisma's methods too", async () => {
  const over = await run(async (transaction, key) => {
    await transaction.signInThrottle.create({ data: { key } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    return transaction.signInThrottle.create({ data: { key: `${key}:late` } });
  }, 100);
  expect(over).toMatchObject({ result: undefined, fault: expect.any(Error), stays: false });
});

it("a transaction has the isolation that it asks for, otherwise that of its connection", async () => {
  const levelOf = (options?: { readonly isolationLevel: Prisma.TransactionIsolationLevel }) =>
    test.database.client.$transaction(
      async (transaction) =>
        (
          await transaction.$queryRaw<
            { level: string }[]
          >`SELECT current_setting('transaction_isolation') AS level`
        )[0]?.level,
      options,
    );
  expect(await levelOf()).toBe("read committed");
  expect(await levelOf({ isolationLevel: "RepeatableRead" })).toBe("repeatable read");
});
