import { afterAll, beforeAll, expect, it } from "vitest";
import { isExclusionViolation, sqlState } from "@/lib/platform/database-errors";
import { inTransaction } from "@/lib/platform/transaction";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { makeUser } from "../../support/factories";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const fail = (state: string) =>
  test.database.client.$executeRawUnsafe(`DO $$ BEGIN
  RAISE EXCEPTION 'as it says' USING ERRCODE = '${state}'; END $$`);

it("knows PostgreSQL's own code of a statement's failure, whoever wrote the statement", async () => {
  for (const state of ["53100", "23P01", "40P01", "40001", "25006"])
    expect(sqlState(await fail(state).catch((error: unknown) => error)), state).toBe(state);
  expect(isExclusionViolation(await fail("23P01").catch((error: unknown) => error))).toBe(true);
  const { email } = await makeUser(test.database);
  const again = test.database.client.principal.create({ data: { type: "User", displayName: "Ada", email } });
  expect(sqlState(await again.catch((error: unknown) => error))).toBe("23505");
  expect(sqlState(new Error("no statement"))).toBeUndefined();
});

it("does again what lost a deadlock, in a statement written by hand too", async () => {
  const [ada, bob] = [await makeUser(test.database), await makeUser(test.database)];
  const lock = (transaction: Parameters<Parameters<typeof inTransaction>[1]>[0], id: string) =>
    transaction.$queryRaw`SELECT id FROM principals WHERE id = ${id}::uuid FOR UPDATE`;
  let met: () => void = () => {};
  const bothHold = new Promise<void>((resolve) => {
    met = resolve;
  });
  let holding = 0;
  const crossing = (first: string, second: string) =>
    inTransaction(test.database, async (transaction) => {
      await lock(transaction, first);
      holding += 1;
      if (holding === 2) met();
      await bothHold;
      await lock(transaction, second);
      return "done";
    });
  expect(await Promise.all([crossing(ada.id, bob.id), crossing(bob.id, ada.id)])).toEqual(["done", "done"]);
  expect(holding).toBe(3);
});
