import { afterAll, beforeAll, expect, it } from "vitest";
import { lockFactor } from "@/lib/identity/factors/verify-factor";
import { lockRow } from "@/lib/operations/gate/load-access";
import type { Transaction } from "@/lib/platform/database";
import { seal } from "@/lib/platform/secrets";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeRole, makeTree, makeUser } from "../../support/factories";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const someLockIsWaitedFor = async () => {
  for (let waits = 0; waits === 0; ) {
    const { rowCount } = await test.asOwner(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    waits = rowCount ?? 0;
  }
};

/** The result of `work`, which waited for the row, and the time at which another still held its lock. */
async function behind<Result>(
  hold: (transaction: Transaction) => Promise<unknown>,
  work: (transaction: Transaction) => Promise<Result>,
) {
  const held = await inTransaction(test.database, async (transaction) => {
    await hold(transaction);
    const waiting = inTransaction(test.database, work);
    await someLockIsWaitedFor();
    return { waiting, at: await databaseNow(transaction) };
  });
  return { result: await held.waiting, at: held.at };
}

it("reads access, and whether it has ended, at the time when its lock is had", async () => {
  const tree = await makeTree(test.database);
  const role = await makeRole(test.database, "Reader of all", { actions: ["*/read"] });
  const user = await makeUser(test.database);
  const given = await grant(test.database, "eligible", user.id, role.id, tree.group.id);
  const access = { id: given.id, assignmentType: null } as Parameters<typeof lockRow>[1];
  const { result, at } = await behind(
    (transaction) =>
      transaction.$queryRaw`SELECT id FROM eligibilities WHERE id = ${given.id}::uuid FOR UPDATE`,
    (transaction) => lockRow(transaction, access),
  );
  expect(result?.now.getTime()).toBeGreaterThanOrEqual(at.getTime());
});

it("judges a code at the time when the factor's lock is had", async () => {
  const user = await makeUser(test.database);
  const caller = await makeCaller(test.database, user);
  await test.database.client.totpFactor.create({
    data: {
      userId: user.id,
      ...seal([{ id: "k1", key: Buffer.alloc(32, 7) }], "A".repeat(32), user.id),
      confirmedAt: new Date(),
    },
  });
  const { result, at } = await behind(
    (transaction) =>
      transaction.$queryRaw`SELECT id FROM totp_factors WHERE user_id = ${user.id}::uuid FOR UPDATE`,
    (transaction) => lockFactor(transaction, caller, user.id),
  );
  expect(result?.now.getTime()).toBeGreaterThanOrEqual(at.getTime());
});
