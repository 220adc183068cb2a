import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decidableBy } from "@/lib/authority/decision-authority";
import { extensionsDecidableBy } from "@/lib/authority/extension-authority";
import { orphanedReason, orphanedSince, waitingForDecision } from "@/lib/authority/request-basis";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { Prisma } from "@/lib/platform/generated/client";
import { inTransaction } from "@/lib/platform/transaction";
import { arrangeApproval, stageOf } from "../../support/approval";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import {
  grant,
  makeCaller,
  makeGroup,
  makeOwnerRole,
  makeRole,
  makeTree,
  makeUser,
  pastTheRules,
} from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  tree = await makeTree(test.database);
});
afterAll(() => test.drop());

async function decidable(userId: string, page?: Parameters<typeof decidableBy>[2]): Promise<string[]> {
  const rows = await inTransaction(
    test.database,
    async (transaction) => transaction.$queryRaw<{ id: string }[]>`
      SELECT d.request_id AS id FROM (${await decidableBy(transaction, userId, page)}) d`,
  );
  return rows.map((row) => row.id);
}

it("who may decide is answered in the order of the ids, in pages, and of the requests asked about only", async () => {
  const approval = await arrangeApproval(test.database, { tree });
  const other = await arrangeApproval(test.database, { tree });
  const approver = approval.first;
  const group = await makeGroup(test.database, [approver.userId]);
  const third = await arrangeApproval(test.database, { tree, stages: () => [stageOf([group.id])] });
  const mine = [await approval.waiting(), await third.waiting()].sort();
  const theirs = await other.waiting();
  expect(await decidable(approver.userId)).toEqual(mine);
  expect(await decidable(approver.userId, { after: null, limit: 1 })).toEqual(mine.slice(0, 1));
  expect(await decidable(approver.userId, { after: mine[0] ?? null, limit: 5 })).toEqual(mine.slice(1));
  const among = Prisma.sql`SELECT unnest(${[mine[1], theirs]}::uuid[])`;
  expect(await decidable(approver.userId, { after: null, limit: 5, among })).toEqual(mine.slice(1));
  const none = Prisma.sql`SELECT ${theirs}::uuid`;
  expect(await decidable(approver.userId, { after: null, limit: 5, among: none })).toEqual([]);
});

it("who may decide as an administrator is asked of all groups at once, however many requests name one of their own", async () => {
  const owner = await makeUser(test.database, "Olga Owner");
  const role = await makeOwnerRole(test.database);
  await grant(test.database, "active", owner.id, role.id, tree.root.id);
  const ask = async () => {
    const members = await Promise.all([makeUser(test.database), makeUser(test.database)]);
    const group = await makeGroup(
      test.database,
      members.map(({ id }) => id),
    );
    const approval = await arrangeApproval(test.database, { tree, stages: () => [stageOf([group.id])] });
    await approval.waiting();
  };
  /** How often the functions that look up one principal are called. */
  const calls = () =>
    pastTheRules(test.database, async (transaction) => {
      await transaction.$executeRaw`SET LOCAL track_functions = 'all'`;
      const page = { after: null, limit: 100 };
      await transaction.$queryRaw`SELECT * FROM (${await decidableBy(transaction, owner.id, page)}) d`;
      const [row] = await transaction.$queryRaw<{ calls: number }[]>`
        SELECT sum(calls)::int AS calls FROM pg_stat_xact_user_functions
        WHERE funcname IN ('users_in', 'principal_and_groups')`;
      return row?.calls ?? 0;
    });
  await ask();
  const before = await calls();
  expect(before).toBeGreaterThan(0);
  // The planner calls these functions too, once or twice more as statistics change, but not once for each
  // request.
  const more = 12;
  for (let asked = 0; asked < more; asked += 1) await ask();
  expect(await calls()).toBeLessThan(before + more);
});

describe("what a waiting request rests on", () => {
  const lost = (requestId: string) =>
    inTransaction(test.database, (transaction) => orphanedSince(transaction, requestId));
  const reason = async (requestId: string) => {
    const [row] = await inTransaction(
      test.database,
      (transaction) => transaction.$queryRaw<{ reason: string }[]>`
        SELECT ${orphanedReason("q")} AS reason FROM requests q WHERE q.id = ${requestId}::uuid`,
    );
    return row?.reason;
  };
  /** Whether the request counts as waiting in the list of many, which joins the parts of the rule. */
  const counted = async (requestId: string) => {
    const rows = await inTransaction(
      test.database,
      (transaction) => transaction.$queryRaw<unknown[]>`
        SELECT q.id FROM ${waitingForDecision} WHERE q.id = ${requestId}::uuid`,
    );
    return rows.length === 1;
  };

  it("is lost from the earliest of what ended it", async () => {
    const approval = await arrangeApproval(test.database, { tree });
    const requestId = await approval.waiting();
    expect(await lost(requestId)).toBeNull();
    expect(await counted(requestId)).toBe(true);
    const ended = addMinutes(now, -10);
    await test.asOwner("UPDATE eligibilities SET starts_at = $2, ends_at = $3 WHERE id = $1", [
      approval.eligibility.id,
      addMinutes(now, -100),
      ended,
    ]);
    expect(await lost(requestId)).toEqual(ended);
    expect(await reason(requestId)).toBe("The eligibility has ended.");
    const disabled = addMinutes(now, -20);
    await test.asOwner("UPDATE principals SET disabled_at = $2 WHERE id = $1", [approval.user.id, disabled]);
    expect(await lost(requestId)).toEqual(disabled);
    expect(await reason(requestId)).toBe("The member is disabled.");
    expect(await counted(requestId)).toBe(false);
  });

  it("is lost now when what ended it leaves no moment behind", async () => {
    const approval = await arrangeApproval(test.database, { tree });
    const requestId = await approval.waiting();
    await test.asOwner("UPDATE eligibilities SET starts_at = $2, ends_at = NULL WHERE id = $1", [
      approval.eligibility.id,
      addMinutes(now, 10),
    ]);
    expect(await lost(requestId)).toEqual(now);
    expect(await reason(requestId)).toBe("The eligibility now begins later.");
    expect(await counted(requestId)).toBe(false);
  });

  it("is lost when whoever asked for a group leaves it", async () => {
    const { client } = test.database;
    const [owner, user] = await Promise.all([makeUser(test.database), makeUser(test.database)]);
    const everything = await makeRole(test.database, "Everything", { actions: ["*"] });
    await grant(test.database, "active", owner.id, everything.id, tree.root.id);
    const group = await makeGroup(test.database, [user.id]);
    const role = await makeRole(test.database, "Reader", { actions: ["*/read"] });
    const access = await grant(test.database, "eligible", group.id, role.id, tree.subscription.id, {
      endsAt: addDays(now, 5),
    });
    const asked = await requestExtension(test.database, await makeCaller(test.database, user), {
      ...{ assignmentType: "Eligible", id: access.id, endsAt: addDays(now, 30) },
      justification: "For the team",
    });
    if (!asked.ok) throw new Error("the request was refused");
    const { requestId } = asked;
    const decidedByOwner = () =>
      inTransaction(
        test.database,
        (transaction) => transaction.$queryRaw<unknown[]>`
          SELECT * FROM (${extensionsDecidableBy(owner.id, { after: null, limit: 5 })}) d`,
      );
    expect(await lost(requestId)).toBeNull();
    expect(await counted(requestId)).toBe(true);
    expect(await decidedByOwner()).toEqual([{ request_id: requestId }]);
    await client.groupMember.deleteMany({ where: { groupId: group.id } });
    expect(await lost(requestId)).toEqual(now);
    expect(await reason(requestId)).toBe("The requestor is no longer in this group.");
    expect(await counted(requestId)).toBe(false);
    expect(await decidedByOwner()).toEqual([]);
  });
});
