import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sqlState } from "@/lib/platform/database-errors";
import { Prisma } from "@/lib/platform/generated/client";
import { inLogContext } from "@/lib/platform/log-context";
import { inTransaction, readOnce } from "@/lib/platform/transaction";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

/** One value of each type that queries return, and arrays of them. */
const everyType = Prisma.sql`
  SELECT true AS "boolean", 7::int2 AS "int2", 7::int4 AS "int4", 9007199254740993::int8 AS "int8", 1.5::float8 AS "float8",
    12.340::numeric AS "numeric", 'text' AS "text", 'name'::name AS "name", '01890a5d-ac96-774b-bcce-b302099a8057'::uuid AS "uuid",
    '{"a": [1, null, "b"]}'::jsonb AS "jsonb", '[1, 2]'::json AS "json", '"text"'::jsonb AS "text in jsonb",
    '\\x00ff'::bytea AS "bytea", '2026-11-28 15:04:05.678901+02'::timestamptz AS "timestamptz",
    '2026-11-28 15:04:05.678'::timestamp AS "timestamp", '2026-11-28'::date AS "date", '15:04:05'::time AS "time",
    'Provisioned'::request_status AS "enum", NULL::text AS "null", NULL::int8 AS "null int8",
    '10.0.0.1'::inet AS "inet",
    ARRAY['a', NULL, 'b,"c"'] AS "text[]", ARRAY[1, 2] AS "int4[]", ARRAY[1, 2]::int8[] AS "int8[]",
    ARRAY[1.5, 2]::numeric[] AS "numeric[]", ARRAY[true, false] AS "boolean[]",
    ARRAY['01890a5d-ac96-774b-bcce-b302099a8057']::uuid[] AS "uuid[]",
    ARRAY['2026-11-28 15:04:05+00']::timestamptz[] AS "timestamptz[]", ARRAY['2026-11-28']::date[] AS "date[]",
    ARRAY['\\x00ff']::bytea[] AS "bytea[]", ARRAY['{"a": 1}', '[2]']::jsonb[] AS "jsonb[]",
    ARRAY['Provisioned']::request_status[] AS "enum[]", ARRAY[]::text[] AS "empty"`;

const everyValue = () => {
  const moment = new Date("2026-11-28T15:04:05.678Z");
  return Prisma.sql`
    SELECT ${true}::boolean AS a, ${7}::int AS b, ${9007199254740993n}::int8 AS c, ${1.5}::float8 AS d, ${"text"} AS e,
      ${null}::text AS f, ${moment}::timestamptz AS g, ${["a", 'b,"c']}::text[] AS h, ${[1, 2]}::int[] AS i,
      ${new Uint8Array([0, 255])}::bytea AS j, ${new Prisma.Decimal("12.34")}::numeric AS k,
      ${JSON.stringify({ a: 1 })}::jsonb AS l, ${[]}::text[] AS m, ${[moment]}::timestamptz[] AS n`;
};

it.each([
  ["every type", everyType],
  ["every kind of value", everyValue()],
])("a direct read and a transaction answer and take %s as Prisma does", async (_, question) => {
  const asPrisma = await test.database.client.$queryRaw<object[]>(question);
  expect(await test.database.reads.$queryRaw<object[]>(question)).toStrictEqual(asPrisma);
  const within = await inTransaction(test.database, (transaction) =>
    transaction.$queryRaw<object[]>(question),
  );
  expect(within).toStrictEqual(asPrisma);
});

const place = `SELECT pg_backend_pid() || ' ' || pg_current_xact_id()::text AS at`;

it("raw statements of a transaction run in the order in which they were sent, among those of models", async () => {
  const key = `direct:${randomUUID()}`;
  const seen = await inTransaction(test.database, async (transaction) => {
    await transaction.signInThrottle.create({ data: { key } });
    const [changed, again, [raw]] = await Promise.all([
      transaction.$executeRaw`UPDATE sign_in_throttles SET refused = 6 WHERE key = ${key}`,
      transaction.$executeRaw`UPDATE sign_in_throttles SET refused = refused + 1 WHERE key = ${key} AND refused = 6`,
      transaction.$queryRaw<{ at: string }[]>(Prisma.raw(place)),
    ]);
    const { refused } = await transaction.signInThrottle.findUniqueOrThrow({ where: { key } });
    const [asPrisma] = await transaction.$queryRawUnsafe<{ at: string }[]>(place);
    return { changed: changed + again, refused, raw: raw?.at, asPrisma: asPrisma?.at };
  });
  expect(seen).toMatchObject({ changed: 2, refused: 7, raw: expect.any(String), asPrisma: seen.raw });
});

it("what is sent together with a statement that fails leaves nothing, and the first fault is reported", async () => {
  const key = `direct:${randomUUID()}`;
  const add = (transaction: Prisma.TransactionClient) =>
    transaction.$executeRaw`INSERT INTO sign_in_throttles (key) VALUES (${key})`;
  const fault = await inTransaction(test.database, (transaction) =>
    Promise.all([transaction.$queryRaw`SELECT 1 / ${0}::int`, add(transaction)]),
  ).catch((error: unknown) => error);
  expect(sqlState(fault)).toBe("22012");
  expect(await test.database.client.signInThrottle.count({ where: { key } })).toBe(0);
});

it("a transaction that took too long leaves nothing, whatever is still sent to it", async () => {
  const key = `direct:${randomUUID()}`;
  let late: unknown;
  const add = (transaction: Prisma.TransactionClient) =>
    transaction.$executeRaw`INSERT INTO sign_in_throttles (key) VALUES (${`${key}:${randomUUID()}`})`;
  const over = inTransaction(
    test.database,
    async (transaction) => {
      await add(transaction);
      // The end is asked for while this one runs; the next waits behind it, and the last comes when all is over.
      await Promise.all([transaction.$executeRaw`SELECT pg_sleep(1.5)`, add(transaction)]);
      late = await add(transaction).catch((error: unknown) => error);
      return "done";
    },
    700,
  );
  await expect(over).rejects.toThrow();
  await expect.poll(() => late).toBeInstanceOf(Error);
  expect(await test.database.client.signInThrottle.count({ where: { key: { startsWith: key } } })).toBe(0);
});

it("reads outside of transactions go past Prisma, also those of fragments, and models still work", async () => {
  const found = await readOnce(test.database, async (client) => {
    const name = Prisma.sql`display_name`;
    const rows = await client.$queryRaw<
      { name: string }[]
    >`SELECT ${name} AS name FROM principals WHERE email = ${"nobody"}`;
    return { rows, count: await client.principal.count({ where: { email: "nobody" } }) };
  });
  expect(found).toEqual({ rows: [], count: 0 });
  // Prisma would wrap the fault.
  const fault = readOnce(test.database, (client) => client.$queryRaw`SELECT 1 / ${0}::int`);
  await expect(fault).rejects.toMatchObject({ code: "22012" });
});

it("what the parts of a page ask at the same time is asked once, and asked again after the answer", async () => {
  const ask = () =>
    readOnce(
      test.database,
      async (client) =>
        (
          await client.$queryRaw<{ at: string }[]>`SELECT clock_timestamp()::text || pg_backend_pid() AS at`
        )[0]?.at,
    );
  const inRequest = <Answer>(work: () => Promise<Answer>) =>
    inLogContext({ correlationId: randomUUID() }, work);
  const page = () =>
    inRequest(async () => {
      const together = await Promise.all([ask(), ask(), ask()]);
      return { together, later: await ask() };
    });
  const [one, other] = await Promise.all([page(), page()]);
  expect(new Set(one.together).size).toBe(1);
  expect(one.later).not.toBe(one.together[0]);
  expect(other.together[0]).not.toBe(one.together[0]);
  // A part that sorts its rows does not sort those of others, and a failure fails each part.
  const rows = await inRequest(() =>
    Promise.all([1, 2].map(() => readOnce(test.database, (client) => client.$queryRaw<object[]>`SELECT 1`))),
  );
  expect(rows[0]).not.toBe(rows[1]);
  const faults = await inRequest(() =>
    Promise.allSettled(
      [1, 2].map(() => readOnce(test.database, (client) => client.$queryRaw`SELECT 1 / ${0}::int`)),
    ),
  );
  expect(faults.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});

it("what a request asks at the same time goes to a connection together, and one fault leaves the others alone", async () => {
  const divide = (by: number) =>
    readOnce(
      test.database,
      (client) =>
        client.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid, 12 / ${by}::int AS part`,
    );
  const inRequest = <Answer>(work: () => Promise<Answer>) =>
    inLogContext({ correlationId: randomUUID() }, work);
  const page = (by: readonly number[]) => inRequest(() => Promise.allSettled(by.map(divide)));
  // A statement keeps its plan from the second time on.
  await page([1]);
  await page([1]);
  const pids = (answers: PromiseSettledResult<{ pid: number }[]>[]) =>
    new Set(answers.flatMap((each) => (each.status === "fulfilled" ? each.value.map(({ pid }) => pid) : [])));
  const [one, other] = await Promise.all([page([1, 2, 0, 3]), page([1, 2])]);
  expect(one.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect(one[3]).toMatchObject({ value: [{ part: 4 }] });
  expect(pids(one).size).toBe(1);
  expect(pids(other).size).toBe(1);
  // A slow answer to one request keeps no other waiting.
  expect(pids(one)).not.toEqual(pids(other));
  const many = await page(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(many.every(({ status }) => status === "fulfilled")).toBe(true);
  expect(pids(many).size).toBeGreaterThan(1);
});
