import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import type { Caller } from "@/lib/platform/caller";
import { databaseNow } from "@/lib/platform/transaction";
import { type Administration, makeAdministration } from "../../support/administration";
import { approvedBy, setSettings, stageOf } from "../../support/approval";
import {
  grant,
  makeActivation,
  makeGroup,
  makeRole,
  pastTheRules,
  withoutAddresses,
} from "../../support/factories";
import { makeDatabase } from "../../support/own-places";
import { done, treeChanges } from "../../support/tree-changes";

const now = new Date("2026-03-02T09:00:00Z");
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

const role = (name: string, actions = ["*/read"]) =>
  makeRole(at.database, `${name} ${randomUUID()}`, { actions });
const inDays = (days: number) => ({ endsAt: addDays(now, days) });

/** The notices since the last time, as each person reads them, and who gets mail. */
async function notices() {
  const { client } = at.database;
  await deliverNotifications(at.database, { mail: true });
  const rows = await client.notification.findMany({
    where: { readAt: null },
    include: { recipient: { select: { displayName: true } } },
    orderBy: { id: "asc" },
  });
  await client.notification.updateMany({ data: { readAt: now } });
  const mails = await client.mailMessage.findMany({
    where: { sentAt: null },
    include: { recipient: true },
    orderBy: { id: "asc" },
  });
  await client.mailMessage.updateMany({ data: { sentAt: now } });
  return {
    of: ({ displayName }: Pick<Caller, "displayName">) =>
      rows
        .filter(({ recipient }) => recipient.displayName === displayName)
        .map(({ title, body, href }) => ({ title, body: withoutAddresses(body), href })),
    mailed: mails.map(({ recipient, address }) => recipient?.displayName ?? address).sort(),
    factsOf: ({ displayName }: Pick<Caller, "displayName">) =>
      JSON.stringify(mails.find(({ recipient }) => recipient?.displayName === displayName)?.content),
  };
}

/** The administrators of a place: one now, and one who would have to activate the role. */
async function administratorsOf(placeId: string) {
  const [active, eligible] = [
    await at.person(`Adam ${randomUUID()}`),
    await at.person(`Elsa ${randomUUID()}`),
  ];
  await grant(at.database, "active", active.userId, ownerRoleId, placeId);
  await grant(at.database, "eligible", eligible.userId, ownerRoleId, placeId);
  return { active, eligible };
}

it("notifies each whom a retirement concerns once: what ended, who did it, why, and until when it can be undone", async () => {
  const here = await makeDatabase(at, at.tree.root);
  const orders = await makeDatabase(at, here, "orders");
  const table = await makeDatabase(at, orders, "lines");
  const reader = await role("Reader");
  const { active: adam, eligible: elsa } = await administratorsOf(here.id);
  const [mia, above, apart, approver] = [
    await at.person("Mia Member"),
    await at.person("Abe Above"),
    await at.person("Ann Apart"),
    await at.person("Ava Approver"),
  ];
  const own = defaultRoleSettings.notifications.Admin_Eligibility.Requestor;
  const settings = approvedBy([stageOf([approver.userId])], { activationRequiresMfa: false });
  await setSettings(at.database, reader.id, table.id, {
    ...settings,
    notifications: {
      ...defaultRoleSettings.notifications,
      Admin_Eligibility: {
        ...defaultRoleSettings.notifications.Admin_Eligibility,
        Requestor: { ...own, additionalAddresses: ["watch@contoso.example"] },
      },
    },
  });
  const group = await makeGroup(at.database, [mia.userId, apart.userId], "Operators");
  const below = await grant(at.database, "eligible", mia.userId, reader.id, table.id, inDays(90));
  const held = await grant(at.database, "eligible", mia.userId, reader.id, orders.id, inDays(90));
  await grant(at.database, "active", group.id, reader.id, table.id, inDays(60));
  await grant(at.database, "active", above.userId, reader.id, here.id, inDays(60));
  await pastTheRules(at.database, async (owner) =>
    makeActivation(owner, { ...held, resourceId: orders.id }, await databaseNow(owner), 60),
  );
  const asked = { eligibilityId: below.id, resourceId: table.id, startsAt: null, durationMinutes: 30 };
  await done(
    activateRole(at.database, mia, {
      ...{ ...asked, justification: "Because", ticketNumber: null, ticketSystem: null },
      proofId: await at.prove({ kind: "ActivateRole", ...asked }, mia),
    }),
  );
  await notices();

  const { readyToRetire, readyToUndo } = treeChanges(at);
  const { retirementId } = await done((await readyToRetire(orders))());
  const sent = await notices();
  expect(sent.of(mia)).toEqual([
    {
      title: "orders was retired: your access there has ended",
      body: `Olga Owner retired it, with one resource below it. What you had there has ended: your activation of ${reader.roleName} on orders, active as ${reader.roleName} on lines, eligible for ${reader.roleName} on lines, eligible for ${reader.roleName} on orders and your request for ${reader.roleName} on lines. This can be undone until 1 Apr 2026, 09:00 UTC. Reason: No longer used`,
      href: "/my-roles?tab=expired",
    },
  ]);
  expect(sent.of(apart)).toMatchObject([
    { body: expect.stringMatching(/ended: active as Reader \S+ on lines\./) },
  ]);
  expect(sent.of(adam)).toEqual([
    {
      title: "orders was retired",
      body: "Olga Owner retired it, with one resource below it. Ended: 2 eligible assignments, one active assignment, one activation, one request. This can be undone until 1 Apr 2026, 09:00 UTC. Reason: No longer used",
      href: `/resources/retired/${retirementId}`,
    },
  ]);
  expect(sent.of(elsa)).toMatchObject([
    { title: "Activate first: orders was retired", href: expect.stringMatching(/^\/activate-first\?/) },
  ]);
  expect(sent.of(approver)).toMatchObject([{ title: expect.stringMatching(/^No longer needs a decision/) }]);
  expect([sent.of(above), sent.of(at.owner)]).toEqual([[], []]);
  expect(sent.mailed).toEqual(
    [adam, elsa, mia, apart, approver].map(({ displayName }) => displayName).sort(),
  );
  expect(sent.factsOf(mia)).not.toContain("192.0.2.7");

  await done((await readyToUndo(retirementId))());
  const again = await notices();
  expect(again.of(mia)).toEqual([
    {
      title: "orders was restored: you have access there again",
      body: `Olga Owner undid its retirement, with one resource below it. You have again: active as ${reader.roleName} on lines, eligible for ${reader.roleName} on lines and eligible for ${reader.roleName} on orders. Reason: Needed after all`,
      href: "/my-roles",
    },
  ]);
  expect(again.of(adam)).toMatchObject([
    { title: "orders was restored", body: expect.stringContaining("Restored: 3 assignments. Reason") },
  ]);
  // The other recipients of the role settings are notified of each assignment.
  expect(again.mailed).toEqual(
    [...[adam, elsa, mia, apart].map(({ displayName }) => displayName), "watch@contoso.example"].sort(),
  );
});

it("notifies those whose access begins or ends by a move, and both sides' administrators, of what they may know", async () => {
  const [here, there] = [
    await makeDatabase(at, at.tree.root, `here-${randomUUID()}`),
    await makeDatabase(at, at.tree.root, `there-${randomUUID()}`),
  ];
  const orders = await makeDatabase(at, here, "orders");
  const [reader, writer] = [await role("Reader"), await role("Writer", ["databases/write"])];
  const [before, after] = [await administratorsOf(here.id), await administratorsOf(there.id)];
  const [left, joined, both, stays] = [
    await at.person("Lea Left"),
    await at.person("Jo Joined"),
    await at.person("Bo Both"),
    await at.person("Sam Stays"),
  ];
  const eligibility = await grant(at.database, "eligible", left.userId, writer.id, here.id, inDays(60));
  await pastTheRules(at.database, async (owner) =>
    makeActivation(owner, { ...eligibility, resourceId: orders.id }, await databaseNow(owner), 60),
  );
  const group = await makeGroup(at.database, [joined.userId], "Joined");
  await grant(at.database, "active", group.id, reader.id, there.id, inDays(60));
  for (const place of [here, there])
    await grant(at.database, "active", both.userId, reader.id, place.id, inDays(60));
  await grant(at.database, "active", stays.userId, reader.id, orders.id, inDays(60));
  await notices();

  await done((await treeChanges(at).readyToMove(orders, here, there))());
  const sent = await notices();
  expect(sent.of(left)).toEqual([
    {
      title: `orders was moved out of ${here.displayName}: your access there has changed`,
      body: `Olga Owner moved it out of ${here.displayName}. No longer applies to you: your activation of ${writer.roleName} on orders and eligible for ${writer.roleName} on ${here.displayName}. Reason: Reorganised`,
      href: "/my-roles",
    },
  ]);
  expect(sent.of(joined)).toEqual([
    {
      title: `orders was moved below ${there.displayName}: your access there has changed`,
      body: `Olga Owner moved it below ${there.displayName}. Now applies to you: active as ${reader.roleName} on ${there.displayName}. Reason: Reorganised`,
      href: `/resources/${orders.id}`,
    },
  ]);
  expect([sent.of(both), sent.of(stays)]).toEqual([[], []]);
  const [old] = sent.of(before.active);
  expect(old?.body).toMatch(
    /Begin to apply there: 4 assignments\. No longer apply there: 4 assignments\. Ended: one/,
  );
  expect(sent.of(after.active)).toMatchObject([
    { title: expect.stringMatching(/^orders was moved below there-\S+: your access there has changed$/) },
  ]);
  // Somebody who only lost access by it does not learn its new place.
  for (const person of [left, before.active, before.eligible]) {
    expect(JSON.stringify(sent.of(person))).not.toContain(there.displayName);
    expect(sent.factsOf(person)).not.toContain(there.displayName);
  }
  expect(sent.mailed).toEqual(
    [left, joined, before.active, before.eligible, after.active, after.eligible]
      .map(({ displayName }) => displayName)
      .sort(),
  );
});
