import { afterEach, beforeEach, expect, it } from "vitest";
import { digestMonday } from "@/lib/domain/notifications/weekly-digest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { assignRole } from "@/lib/operations/assignments/assign-role";
import { makeWeeklyDigest } from "@/lib/operations/notifications/make-weekly-digest";
import { remindOfExpiry } from "@/lib/operations/notifications/remind-of-expiry";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { atOnce } from "../../support/database/held-lock";
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

const start = new Date("2027-03-01T05:00:00Z");
const clock = { now: start };
const delivery = { mail: true };
let test: TestDatabase;

beforeEach(async () => {
  clock.now = start;
  test = await createTestDatabase({ clock: () => clock.now });
});
afterEach(() => test.drop());

/** Two workers with reminders to send: the second has read before the first has sent one. */
async function remindTwiceAtOnce() {
  const remind = () => remindOfExpiry(test.database, delivery);
  const counts = await atOnce(test, [remind, remind], "notifications");
  return counts.reduce((sum, count) => sum + count);
}

it("reminds the member, or everybody in the group, 14 days and one day before, each once", async () => {
  const { database } = test;
  const tree = await makeTree(database);
  const role = await makeRole(database, "Reader", {});
  const [ada, eve] = [await makeUser(database), await makeUser(database, "Eve Reader")];
  const group = await makeGroup(database, [ada.id, eve.id]);
  const endsAt = addDays(start, 30);
  const eligibility = await grant(database, "eligible", group.id, role.id, tree.group.id, { endsAt });
  await grant(database, "active", ada.id, role.id, tree.root.id);
  expect(await remindOfExpiry(test.database, delivery)).toBe(0);
  clock.now = addDays(endsAt, -14);
  expect(await remindTwiceAtOnce()).toBe(1);
  expect(await remindOfExpiry(test.database, delivery)).toBe(0);
  clock.now = addDays(endsAt, -1);
  expect(await remindTwiceAtOnce()).toBe(1);
  const rows = await database.client.notification.findMany({ orderBy: { id: "asc" } });
  expect(rows.map((row) => row.recipientId).sort()).toEqual([ada.id, ada.id, eve.id, eve.id].sort());
  expect(new Set(rows.map((row) => row.title))).toEqual(
    new Set([
      "Your eligibility for Reader on web ends within 14 days",
      "Your eligibility for Reader on web ends within a day",
    ]),
  );
  expect(await database.client.mailMessage.count()).toBe(4);

  await pastTheRules(database, (to) =>
    to.eligibility.update({
      where: { id: eligibility.id },
      data: { endsAt: addDays(endsAt, 60) },
    }),
  );
  clock.now = addDays(endsAt, 47);
  expect(await remindTwiceAtOnce()).toBe(1);
});

it("leaves out what is too short for a reminder, what was removed, and the far reminder after a stop", async () => {
  const { database } = test;
  const tree = await makeTree(database);
  const role = await makeRole(database, "Reader", {});
  const ada = await makeUser(database);
  const short = { startsAt: start, endsAt: addDays(start, 10) };
  await grant(database, "eligible", ada.id, role.id, tree.group.id, short);
  expect(await remindOfExpiry(test.database, delivery)).toBe(0);
  const removed = await grant(database, "eligible", ada.id, role.id, tree.root.id, {
    endsAt: addDays(start, 20),
  });
  await pastTheRules(database, (to) =>
    to.eligibility.update({
      where: { id: removed.id },
      data: { endsAt: start, removedAt: start },
    }),
  );
  await grant(database, "eligible", ada.id, role.id, tree.subscription.id, { endsAt: addDays(start, 20) });
  clock.now = addMinutes(addDays(start, 20), -60);
  expect(await remindTwiceAtOnce()).toBe(1);
  expect(await database.client.notification.findMany()).toMatchObject([
    { title: "Your eligibility for Reader on Production ends within a day" },
  ]);
  clock.now = addDays(start, 20);
  expect(await remindOfExpiry(test.database, delivery)).toBe(0);
});

it("makes one digest a week for each administrator, of their own scopes, even when it comes late", async () => {
  const { database } = test;
  const tree = await makeTree(database);
  const owner = await makeOwnerRole(database);
  const reader = await makeRole(database, "Reader", { actions: ["*/read"] });
  const [grace, rosa, ada] = [
    await makeUser(database, "Grace Owner"),
    await makeUser(database, "Rosa Owner"),
    await makeUser(database),
  ];
  await grant(database, "active", grace.id, owner.id, tree.root.id);
  await grant(database, "active", rosa.id, owner.id, tree.group.id);
  await grant(database, "active", ada.id, reader.id, tree.root.id);
  const admin = await makeCaller(database, grace);
  clock.now = addDays(start, 1);
  await makeWeeklyDigest(database, delivery);
  const made = await assignRole(database, admin, {
    ...{ assignmentType: "Eligible", principalIds: [ada.id], roleDefinitionId: reader.id, proofId: null },
    ...{
      resourceId: tree.subscription.id,
      startsAt: null,
      endsAt: addDays(start, 12),
      justification: "On call",
    },
  });
  expect(made).toMatchObject({ ok: true });
  expect(await makeWeeklyDigest(database, delivery)).toBe(0);

  clock.now = addDays(start, 9);
  const counts = await atOnce(
    test,
    [1, 2, 3].map(() => () => makeWeeklyDigest(database, delivery)),
    "mail_messages",
  );
  expect(counts.reduce((sum, count) => sum + count)).toBe(1);
  const [digest, ...others] = await database.client.mailMessage.findMany({ where: { category: "digest" } });
  expect(others).toEqual([]);
  expect(digest).toMatchObject({
    address: grace.email,
    content: {
      title: "Your week in privileged access, 1 Mar 2027 to 7 Mar 2027",
      facts: expect.arrayContaining([
        { label: "Made eligible", value: "1" },
        { label: "Ending in the next 14 days", value: "1" },
      ]),
    },
  });
});

it("counts standing access since the last digest, for whoever sees the assignments of what they administer", async () => {
  const { database } = test;
  const { root, subscription, group } = await makeTree(database);
  const owner = await makeOwnerRole(database);
  const reader = await makeRole(database, "Reader", { actions: ["*/read"] });
  const blind = await makeRole(database, "Keeper of settings", {
    actions: ["Microsoft.Authorization/roleManagementPolicies/write"],
  });
  const people = await Promise.all(
    ["Olga Owner", "Ned Nested", "Bill Blind", "Erin Eligible", "Ada"].map((name) =>
      makeUser(database, name),
    ),
  );
  const [olga, ned, bill, erin, ada] = people.map(({ id }) => id);
  if (!olga || !ned || !bill || !erin || !ada) throw new Error("nobody was made");
  const ages = addDays(start, -90);
  const hold = (id: string, role: { id: string }, place: { id: string }, endsAt: Date | null = null) =>
    grant(database, "active", id, role.id, place.id, { startsAt: ages, endsAt });
  await hold(olga, owner, root);
  // Twice an administrator of the group: its access counts once.
  await hold(ned, owner, subscription);
  await hold(ned, owner, group);
  await hold(bill, blind, root);
  await grant(database, "eligible", erin, owner.id, group.id, { startsAt: ages });
  await hold(ada, reader, group, addDays(start, 5));
  await hold(ada, reader, subscription, addDays(start, -20));
  await hold(bill, reader, group, addDays(start, 20));
  clock.now = addDays(start, 1);
  await makeWeeklyDigest(database, delivery);
  // One ends between the digests, one begins after the second.
  await grant(database, "active", ada, reader.id, root.id, { startsAt: addDays(start, 9) });
  clock.now = addDays(start, 8);
  await makeWeeklyDigest(database, delivery);
  const mails = await database.client.mailMessage.findMany({
    where: { subjectKey: "digest:2027-03-08" },
    include: { recipient: true },
  });
  const said = Object.fromEntries(
    mails.map(({ recipient, content }) => {
      const { facts, also } = JSON.parse(JSON.stringify(content));
      const value = facts.find(({ label }: { label: string }) => label === "Standing access")?.value;
      return [recipient?.displayName, [value, also?.href]];
    }),
  );
  const list = (resourceId: string) => `/resources/${resourceId}/standing-access`;
  expect(said).toEqual({
    "Olga Owner": ["5, 1 fewer", list(root.id)],
    // May not see who holds roles.
    "Bill Blind": [undefined, undefined],
    "Ned Nested": ["3, 1 fewer", list(subscription.id)],
    "Erin Eligible": ["2, 1 fewer", expect.stringContaining(encodeURIComponent(list(group.id)))],
  });
});

it("begins a digest's week on Monday at six, UTC", () => {
  const monday = (text: string) => digestMonday(new Date(text)).toISOString();
  expect(monday("2027-03-01T05:59:59Z")).toBe("2027-02-22T00:00:00.000Z");
  expect(monday("2027-03-01T06:00:00Z")).toBe("2027-03-01T00:00:00.000Z");
  expect(monday("2027-03-08T05:00:00Z")).toBe("2027-03-01T00:00:00.000Z");
});
