import { afterAll, beforeAll, expect, it } from "vitest";
import { alertSentence } from "@/lib/domain/alerts/alert-sentence";
import { addMinutes } from "@/lib/domain/time/schedule";
import { scanAlerts } from "@/lib/operations/alerts/scan-alerts";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { createConflictRule } from "@/lib/operations/roles/create-conflict-rule";
import { listAlerts } from "@/lib/queries/alerts/alerts";
import { type Conflicts, makeConflicts } from "../../support/conflicts";
import { makeGroup } from "../../support/factories";

let now = new Date("2026-03-02T09:00:00Z");
let at: Conflicts;
beforeAll(async () => {
  at = await makeConflicts(() => now);
});
afterAll(() => at.test.drop());

async function alerts(state: "open" | "resolved" = "open") {
  now = addMinutes(now, 5);
  await scanAlerts(at.database);
  const filter = { state, kind: "ConflictingRoles" as const, after: null };
  const found = await listAlerts(at.database, at.owner, at.tree.root.id, filter);
  return (found?.alerts ?? []).map(({ kind, details, principal, resourceName }) =>
    alertSentence(kind, details, {
      principal: principal?.displayName ?? null,
      role: null,
      resource: resourceName,
    }).replaceAll(/[\u2066-\u2069]/g, ""),
  );
}

it("people who held both before the rule are reported one by one, of themselves or through groups, until one role is removed", async () => {
  const [enter, approve] = [await at.role("Enter"), await at.role("Approve")];
  const [ada, bob, cyd] = [await at.person("Ada"), await at.person("Bob"), await at.person("Cyd")];
  const group = await makeGroup(at.database, [bob.userId], "Approvers");
  await at.holds(ada.userId, enter.id);
  const own = await at.holds(ada.userId, approve.id, at.tree.group.id);
  await at.holds(bob.userId, enter.id);
  await at.holds(group.id, approve.id, at.tree.root.id);
  await at.holds(cyd.userId, enter.id);
  expect(await alerts(), "without a rule").toEqual([]);
  const made = await createConflictRule(at.database, at.owner, {
    resourceId: at.tree.subscription.id,
    rule: { name: "Payments", reason: "Why", firstRoleIds: [enter.id], secondRoleIds: [approve.id] },
  });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  const ofAda = "Ada holds Enter on Production and Approve on web, which conflict by the rule Payments.";
  const ofBob = "Bob holds Enter on Production and Approve on Contoso, which conflict by the rule Payments.";
  expect((await alerts()).sort()).toEqual([ofAda, ofBob]);
  expect((await alerts()).length, "a second scan finds the same").toBe(2);

  const removed = await removeAssignment(at.database, at.owner, {
    assignmentType: "Active",
    id: own.id,
    justification: "Keeps the other",
  });
  expect(removed).toMatchObject({ ok: true });
  expect(await alerts()).toEqual([ofBob]);
  expect(await alerts("resolved")).toEqual([ofAda]);
});

it("people with an exception are left out, until it ends or is revoked", async () => {
  const { id, name, enter, approve } = await at.rule();
  const [ada, bob] = [await at.person("Ada Again"), await at.person("Bob Again")];
  for (const { userId } of [ada, bob]) {
    await at.holds(userId, enter.id);
    await at.holds(userId, approve.id);
  }
  const people = async () =>
    (await alerts()).filter((text) => text.includes(name)).map((text) => text.split(" holds")[0]);
  expect(await people()).toEqual(expect.arrayContaining(["Ada Again", "Bob Again"]));
  await at.excepted(id, ada.userId, { hours: 2 });
  const ofBob = await at.excepted(id, bob.userId, { hours: 48 });
  expect(await people()).toEqual([]);
  now = addMinutes(now, 120);
  expect(await people()).toEqual(["Ada Again"]);
  await at.end(ofBob, "Revoke", at.owner);
  expect((await people()).sort()).toEqual(["Ada Again", "Bob Again"]);
});
