import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import { action } from "@/lib/domain/roles/permissions";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import { inTransaction } from "@/lib/platform/transaction";
import { auditPage, listAuditEvents } from "@/lib/queries/audit/audit";
import { type AuditFilter, wholeLog } from "@/lib/queries/audit/audit-conditions";
import { historyOfOneIn, historySubject, readsLog } from "@/lib/queries/audit/person-history";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import {
  grant,
  makeCaller,
  makeGroup,
  makeOwnerRole,
  makeRole,
  makeTree,
  makeUser,
} from "../../support/factories";

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase();
});
afterEach(() => test.drop());

async function arrange() {
  const tree = await makeTree(test.database);
  const owner = await makeOwnerRole(test.database);
  const readers = await makeRole(test.database, "Log reader", { actions: [action.readAudit] });
  const person = async (name: string, role?: { id: string }, at?: { id: string }) => {
    const user = await makeUser(test.database, name);
    if (role && at) await grant(test.database, "active", user.id, role.id, at.id);
    return makeCaller(test.database, user);
  };
  const event = (entry: Partial<AuditEntry>) =>
    inTransaction(test.database, async (transaction) => {
      await recordAuditEvent(transaction, { kind: "RoleActivated", outcome: "Success", ...entry });
      return (await transaction.auditEvent.findFirstOrThrow({ orderBy: { sequence: "desc" } })).id;
    });
  const { database } = test;
  const history = async (
    caller: Parameters<typeof auditPage>[1],
    personId: string,
    filter: Partial<AuditFilter> = {},
  ) => {
    const asked = { ...wholeLog, ...filter, personId };
    const { events } = await auditPage(database, caller, asked, null);
    // The same result, whether it is found among the newest or by a search, and in an export.
    for (const limits of [
      { first: [], byName: 5_000 },
      { first: [1], byName: 0 },
    ])
      expect((await auditPage(database, caller, asked, null, 40, limits)).events).toEqual(events);
    expect((await listAuditEvents(database, caller, asked, null)).events).toEqual(events);
    return events.map(({ id }) => id);
  };
  return { tree, owner, readers, person, event, history };
}

it("shows an administrator of one resource what a person did there and below, and nothing from elsewhere", async () => {
  const { tree, owner, person, event, history } = await arrange();
  const max = await person("Max Member");
  const other = await person("Olive Other");
  const here = await person("Hal Owner", owner, tree.group);
  const target = { id: max.userId, displayName: "Max Member" };
  await event({ caller: max, resource: tree.subscription });
  await event({ kind: "SignIn", caller: max });
  await event({ caller: other, resource: tree.group });
  // The administrator did this to them at a resource that the reader does not administer.
  const elsewhere = await event({ kind: "RequestApproved", caller: here, target, resource: tree.root });
  const did = await event({ caller: max, resource: tree.group });
  const done = await event({ kind: "ActiveAssignmentAdded", caller: here, target, resource: tree.group });
  const toThemselves = await event({ kind: "RoleDeactivated", caller: max, target, resource: tree.group });
  expect(await history(here, max.userId)).toEqual([toThemselves, done, did]);
  expect(await history(here, max.userId, { kinds: ["ActiveAssignmentAdded"] })).toEqual([done]);
  expect(await history(here, max.userId, { target: "Max" })).toEqual([toThemselves, done]);
  // Their own log has what they did there. A history of somebody else does not.
  const own = await auditPage(test.database, here, { ...wholeLog, own: true }, null);
  expect(own.events.map(({ id }) => id)).toContain(elsewhere);
  expect(await history(other, max.userId)).toEqual([]);
  const all = await person("Grace Owner", owner, tree.root);
  expect(await history(all, max.userId)).toHaveLength(6);
});

it("opens a person's history only to whoever may read the log where the person acted or has access", async () => {
  const { tree, readers, person, event } = await arrange();
  const { database } = test;
  const max = await person("Max Member");
  const member = await person("Mia Member");
  const group = await makeGroup(database, [member.userId]);
  const far = await person("Fay Far");
  const there = await person("Rita Reader", readers, tree.group);
  await event({ caller: max, resource: tree.group });
  await event({ caller: far, resource: tree.subscription });
  await grant(database, "eligible", group.id, readers.id, tree.group.id);
  const names = async (caller: Parameters<typeof historySubject>[1], ids: string[]) =>
    Promise.all(ids.map(async (id) => (await historySubject(database, caller, id))?.displayName ?? null));
  const ids = [max.userId, member.userId, far.userId, randomUUID(), "no id"];
  expect(await names(there, ids)).toEqual(["Max Member", "Mia Member", null, null, null]);
  expect(await names(max, [max.userId, far.userId])).toEqual([null, null]);
  const all = await person("Root Reader", readers, tree.root);
  expect(await names(all, ids)).toEqual(["Max Member", "Mia Member", "Fay Far", null, null]);
  // From an event to the people it names, if the reader may open their history.
  const target = { id: member.userId, displayName: "Mia Member" };
  const id = await event({ caller: max, target, resource: tree.group });
  const named = (caller: Parameters<typeof historySubject>[1], address: string, eventId = id) =>
    historyOfOneIn(database, caller, eventId, address);
  expect(await named(there, max.email)).toBe(max.userId);
  expect(await named(there, member.email)).toBe(member.userId);
  expect(await named(there, far.email)).toBeNull();
  expect(await named(there, max.email, randomUUID())).toBeNull();
  // A member's own event links to nobody.
  expect(await named(max, member.email)).toBeNull();
  expect(await Promise.all([there, max].map((caller) => readsLog(database, caller)))).toEqual([true, false]);
});
