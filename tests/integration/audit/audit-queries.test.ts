import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { action } from "@/lib/domain/roles/permissions";
import { addMinutes } from "@/lib/domain/time/schedule";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { auditPage } from "@/lib/queries/audit/audit";
import { type AuditFilter, wholeLog } from "@/lib/queries/audit/audit-conditions";
import { findAuditEvent } from "@/lib/queries/audit/audit-event";
import type { AuditPosition } from "@/lib/queries/audit/audit-places";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeGroup, makeRole, makeTree, makeUser } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
let readers: Awaited<ReturnType<typeof makeRole>>;

beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  tree = await makeTree(test.database);
  readers = await makeRole(test.database, "Log reader", { actions: [action.readAudit] });
});
afterAll(() => test.drop());

async function person(name: string, reads?: { id: string }): Promise<Caller> {
  const user = await makeUser(test.database, name);
  if (reads) await grant(test.database, "active", user.id, readers.id, reads.id, { startsAt: start });
  return makeCaller(test.database, user);
}

/** Writes an event `minutes` after the start and returns its id. */
async function event(entry: Partial<AuditEntry>, minutes = 0): Promise<string> {
  now = addMinutes(start, minutes);
  return inTransaction(test.database, async (transaction) => {
    await recordAuditEvent(transaction, { kind: "RoleActivated", outcome: "Success", ...entry });
    const written = await transaction.auditEvent.findFirstOrThrow({ orderBy: { sequence: "desc" } });
    return written.id;
  });
}

async function list(
  caller: Caller,
  filter: Partial<AuditFilter> = {},
  position: AuditPosition | null = null,
  limit = 50,
) {
  const asked = { ...wholeLog, ...filter };
  const page = await auditPage(test.database, caller, asked, position, limit);
  // The same result, whether it is found among the newest or by a search.
  for (const limits of [
    { first: [], byName: 5_000 },
    { first: [3], byName: 2 },
    { first: [1, 5], byName: 0 },
  ])
    expect(await auditPage(test.database, caller, asked, position, limit, limits)).toEqual(page);
  return { ids: page.events.map(({ id }) => id), next: page.next, previous: page.previous };
}

describe("who may read what of the log", () => {
  it("shows a reader of one scope what is at and below it, and no sign-in of others", async () => {
    const member = await person("Mary");
    const auditor = await person("Grace", tree.subscription);
    const above = await event({ caller: member, resource: tree.root });
    const at = await event({ caller: member, resource: tree.subscription });
    const below = await event({ caller: member, resource: tree.group });
    const signIn = await event({ kind: "SignIn", caller: member });
    const { ids } = await list(auditor, { actor: "Mary" });
    expect(new Set(ids)).toEqual(new Set([at, below]));
    expect(await findAuditEvent(test.database, auditor, above)).toBeNull();
    expect(await findAuditEvent(test.database, auditor, signIn)).toBeNull();
  });

  it("shows whoever reads at the root everything, sign-ins too", async () => {
    const member = await person("Hedy");
    const auditor = await person("Root reader", tree.root);
    const events = [
      await event({ kind: "SignIn", caller: member }),
      await event({ caller: member, resource: tree.group }),
    ];
    expect(new Set((await list(auditor, { actor: "Hedy" })).ids)).toEqual(new Set(events));
  });

  it("shows everybody what they did and what was done to them, and nothing else", async () => {
    const member = await person("Joan");
    const other = await person("Edith");
    const did = await event({ caller: member, resource: tree.group });
    const done = await event({
      caller: other,
      target: { id: member.userId, displayName: "Joan" },
      resource: tree.root,
    });
    const foreign = await event({ caller: other, resource: tree.root });
    expect(new Set((await list(member)).ids)).toEqual(new Set([did, done]));
    expect(await findAuditEvent(test.database, member, foreign)).toBeNull();
  });

  it("stops the moment the right to read ends", async () => {
    const member = await person("Karen");
    const user = await makeUser(test.database, "Short");
    await grant(test.database, "active", user.id, readers.id, tree.root.id, {
      startsAt: start,
      endsAt: addMinutes(start, 30),
    });
    const auditor = await makeCaller(test.database, user);
    await event({ caller: member, resource: tree.group });
    expect((await list(auditor, { actor: "Karen" })).ids).toHaveLength(1);
    now = addMinutes(start, 30);
    expect((await list(auditor, { actor: "Karen" })).ids).toHaveLength(0);
  });

  it("does not link a member to what others did with the same group's eligibility", async () => {
    const member = await person("Ida");
    const other = await person("Radia");
    const group = await makeGroup(test.database, [member.userId, other.userId]);
    const eligibility = await grant(test.database, "eligible", group.id, readers.id, tree.group.id);
    const refused = { outcome: "Failure" as const, resource: tree.group, eligibilityId: eligibility.id };
    const mine = await event({
      ...refused,
      caller: member,
      target: { id: member.userId, displayName: "Ida" },
    });
    const theirs = await event({
      ...refused,
      caller: other,
      target: { id: other.userId, displayName: "Radia" },
    });
    expect((await findAuditEvent(test.database, member, mine))?.linked).toEqual([]);
    const auditor = await person("Auditor of links", tree.root);
    const story = await findAuditEvent(test.database, auditor, mine);
    expect(story?.linked.map(({ id }) => id)).toEqual([theirs]);
  });

  it("links an activation at a narrower scope to the eligibility it rests on", async () => {
    const member = await person("Barbara");
    const auditor = await person("Auditor of scopes", tree.root);
    const eligibility = await grant(
      test.database,
      "eligible",
      member.userId,
      readers.id,
      tree.subscription.id,
    );
    const target = { id: member.userId, displayName: "Barbara" };
    const given = await event({
      kind: "EligibleAssignmentAdded",
      target,
      resource: tree.subscription,
      eligibilityId: eligibility.id,
    });
    const assignmentId = randomUUID();
    const taken = await event({
      caller: member,
      target,
      resource: tree.group,
      eligibilityId: eligibility.id,
      assignmentId,
    });
    const ended = await event(
      { kind: "RoleDeactivated", caller: member, target, resource: tree.group, assignmentId },
      5,
    );
    const story = await findAuditEvent(test.database, auditor, taken);
    expect(story?.linked.map(({ id }) => id)).toEqual([given, ended]);
  });

  it("leads from an event to the nearest newer and older ones that its reader may read", async () => {
    const member = await person("Grete");
    const foreign = await person("Foreign neighbour");
    const ids: string[] = [];
    for (const minute of [0, 1, 2]) {
      ids.push(await event({ caller: member, resource: tree.group }, minute));
      await event({ caller: foreign, resource: tree.root }, minute);
    }
    const [first = "", second = "", third = ""] = ids;
    const beside = async (id: string) => {
      const found = await findAuditEvent(test.database, member, id);
      return [found?.newer, found?.older];
    };
    expect(await beside(first)).toEqual([second, null]);
    expect(await beside(second)).toEqual([third, first]);
    expect(await beside(third)).toEqual([null, second]);
  });

  it("answers an unknown or malformed id with nothing", async () => {
    const auditor = await person("Any", tree.root);
    expect(await findAuditEvent(test.database, auditor, randomUUID())).toBeNull();
    expect(await findAuditEvent(test.database, auditor, "' OR 1=1")).toBeNull();
  });
});

describe("filters and pages", () => {
  it("lists events in the order of time, whatever order they were written in, and pages through all once", async () => {
    const member = await person("Order");
    const minutes = [3, 1, 4, 1, 5, 9, 2, 6];
    const written: [number, string][] = [];
    for (const minute of minutes) written.push([minute, await event({ caller: member }, minute)]);
    const expected = written
      .map(([minute, id], index) => ({ minute, id, index }))
      .sort((left, right) => right.minute - left.minute || right.index - left.index)
      .map(({ id }) => id);
    const seen: string[] = [];
    const pages: string[][] = [];
    for (let position: AuditPosition | null = null; ; ) {
      const page = await list(member, {}, position, 3);
      seen.push(...page.ids);
      pages.push(page.ids);
      expect(page.previous === null).toBe(position === null);
      if (page.next === null) break;
      position = { from: page.next, towards: "older" };
    }
    expect(seen).toEqual(expected);
    // And back: the same pages, and the first one has no link to an earlier one.
    let page = await list(member, {}, null, 3);
    while (page.next) page = await list(member, {}, { from: page.next, towards: "older" }, 3);
    const back = [page.ids];
    while (page.previous) {
      page = await list(member, {}, { from: page.previous, towards: "newer" }, 3);
      back.unshift(page.ids);
    }
    expect(back).toEqual(pages);
  });

  it("takes a scope with everything below it, and not a neighbour whose path begins alike", async () => {
    const member = await person("Scopes");
    const here = await event({ caller: member, resource: tree.subscription });
    const below = await event({ caller: member, resource: tree.group });
    await event({
      caller: member,
      resource: { ...tree.subscription, id: randomUUID(), path: `${tree.subscription.path}0` },
    });
    expect((await list(member, { resourceId: tree.subscription.id })).ids).toEqual([here]);
    expect((await list(member, { scope: tree.subscription.scope.toUpperCase() })).ids).toEqual([here]);
    expect((await list(member, { scope: "/subscriptions/unknown" })).ids).toEqual([]);
    expect(new Set((await list(member, { resourceId: tree.subscription.id, below: true })).ids)).toEqual(
      new Set([here, below]),
    );
  });

  it("filters by time, target, role, kind and outcome, taking wildcards of SQL for themselves", async () => {
    const member = await person("Filters");
    const role = { id: readers.id, roleName: readers.roleName };
    const wanted = await event(
      { caller: member, role, outcome: "Failure", target: { id: randomUUID(), displayName: "50% of\\it" } },
      60,
    );
    await event({ caller: member, kind: "RoleDeactivated" }, 61);
    await event({ caller: member }, 62);
    const only = async (filter: Partial<AuditFilter>) =>
      expect((await list(member, filter)).ids).toEqual([wanted]);
    await only({ from: addMinutes(start, 60), to: addMinutes(start, 61) });
    await only({ target: "50% of\\" });
    await only({ roleDefinitionId: readers.id });
    await only({ roleName: "log READ" });
    await only({ kinds: ["RoleActivated"], outcome: "Failure" });
    await only({ actor: member.email.slice(2, -2), outcome: "Failure" });
    expect((await list(member, { kinds: ["RoleActivated", "RoleDeactivated"] })).ids).toHaveLength(3);
    expect((await list(member, { kinds: ["RoleDeactivated", "SignIn"] })).ids).toHaveLength(1);
    expect((await list(member, { kinds: ["SignIn"] })).ids).toEqual([]);
    expect((await list(member, { target: "%" })).ids).toEqual([wanted]);
    expect((await list(member, { target: "_____" })).ids).toEqual([]);
  });
});
