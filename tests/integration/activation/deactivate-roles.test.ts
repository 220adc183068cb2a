import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import { deactivateRoles } from "@/lib/operations/activation/deactivate-roles";
import { inTransaction } from "@/lib/platform/transaction";
import { heldRoles } from "@/lib/queries/activation/held-roles";
import { readShell } from "@/lib/queries/preferences/shell";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { atOnce } from "../../support/database/held-lock";
import { grant, makeActivation, makeCaller, makeRole, makeTree, makeUser } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
const minutesIn = (minutes: number) => new Date(start.getTime() + minutes * 60_000);
let now = start;
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  tree = await makeTree(test.database);
});
afterAll(() => test.drop());
beforeEach(() => {
  now = start;
});

/** Somebody with activations of so many minutes each, and with a direct assignment. */
async function arrange(...minutes: number[]) {
  const { database } = test;
  const user = await makeUser(database);
  const caller = await makeCaller(database, user);
  const activations = [];
  for (const [index, each] of minutes.entries()) {
    const role = await makeRole(database, `Role ${index + 1}`, { actions: ["*/read"] });
    const eligibility = await grant(database, "eligible", user.id, role.id, tree.subscription.id);
    activations.push(
      await inTransaction(database, (transaction) => makeActivation(transaction, eligibility, start, each)),
    );
  }
  const assigned = await makeRole(database, "Auditor", { actions: ["*/read"] });
  const direct = await grant(database, "active", user.id, assigned.id, tree.subscription.id);
  const events = () =>
    database.client.auditEvent.findMany({
      where: { actorId: user.id, kind: "RoleDeactivated" },
      orderBy: { sequence: "asc" },
    });
  return { caller, user, direct, events, ids: activations.map(({ id }) => id) };
}

describe("what one holds", () => {
  it("is what one activated: how many, which ends first, and how long that is by the database's clock", async () => {
    const { caller } = await arrange(60, 20, 240);
    now = minutesIn(8);
    const minute = 60_000;
    expect((await readShell(test.database, caller)).held).toEqual({
      count: 3,
      roleName: "Role 2",
      millisecondsLeft: 12 * minute,
    });
    expect(
      (await heldRoles(test.database, caller)).map((each) => [each.roleName, each.millisecondsLeft]),
    ).toEqual([
      ["Role 2", 12 * minute],
      ["Role 1", 52 * minute],
      ["Role 3", 232 * minute],
    ]);
    now = minutesIn(20);
    expect((await readShell(test.database, caller)).held).toMatchObject({ count: 2, roleName: "Role 1" });
  });

  it("is nothing while one holds only what was assigned", async () => {
    const { caller } = await arrange();
    expect((await readShell(test.database, caller)).held).toBeNull();
    expect(await heldRoles(test.database, caller)).toEqual([]);
  });

  it("is nothing once the eligibility behind it has ended", async () => {
    const { caller, user } = await arrange(60);
    await test.asOwner("UPDATE eligibilities SET ends_at = $1 WHERE principal_id = $2", [
      minutesIn(5),
      user.id,
    ]);
    now = minutesIn(6);
    expect((await readShell(test.database, caller)).held).toBeNull();
    expect(await heldRoles(test.database, caller)).toEqual([]);
  });
});

describe("deactivating all", () => {
  it("ends each with a request and an event of its own", async () => {
    const { caller, ids, events } = await arrange(60, 120);
    now = minutesIn(10);
    const results = await deactivateRoles(test.database, caller, { assignmentIds: ids });
    expect(results.map((each) => each.ok)).toEqual([true, true]);
    expect(await heldRoles(test.database, caller)).toEqual([]);
    const logged = await events();
    expect(logged.map(({ outcome }) => outcome)).toEqual(["Success", "Success"]);
    expect(new Set(logged.map(({ assignmentId }) => assignmentId))).toEqual(new Set(ids));
    expect(new Set(logged.map(({ requestId }) => requestId)).size).toBe(2);
  });

  it("ends what was named and leaves one that began meanwhile", async () => {
    const { caller, ids } = await arrange(60, 120, 180);
    await deactivateRoles(test.database, caller, { assignmentIds: ids.slice(0, 2) });
    expect((await heldRoles(test.database, caller)).map(({ id }) => id)).toEqual(ids.slice(2));
  });

  it("refuses an assignment, somebody else's activation, an unknown one and one that has ended, and ends the rest", async () => {
    const { caller, ids, direct, events } = await arrange(60, 5);
    const other = await arrange(60);
    now = minutesIn(10);
    const [mine = "", ended = ""] = ids;
    const assignmentIds = [...other.ids, direct.id, randomUUID(), ended, mine];
    const results = await deactivateRoles(test.database, caller, { assignmentIds });
    expect(results.map((each) => (each.ok ? "ok" : each.error.code))).toEqual([
      "NotFound",
      "NotFound",
      "NotFound",
      "RoleAssignmentDoesNotExist",
      "ok",
    ]);
    expect(await heldRoles(test.database, other.caller)).toHaveLength(1);
    expect((await events()).filter(({ outcome }) => outcome === "Failure")).toHaveLength(4);
    expect(await test.database.client.assignment.count({ where: { id: direct.id, endsAt: null } })).toBe(1);
  });

  it("ends each once, whoever comes first", async () => {
    const { caller, ids, events } = await arrange(60, 120);
    const [first = ""] = ids;
    const [all, one] = await atOnce(test, [
      () => deactivateRoles(test.database, caller, { assignmentIds: ids }),
      () => deactivateRole(test.database, caller, { assignmentId: first }),
    ]);
    expect(all.filter((each) => each.ok).length + (one.ok ? 1 : 0)).toBe(2);
    expect((await events()).filter(({ outcome }) => outcome === "Success")).toHaveLength(2);
    expect(await heldRoles(test.database, caller)).toEqual([]);
  });
});
