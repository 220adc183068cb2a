import { afterEach, beforeEach, expect, it } from "vitest";
import { addDays } from "@/lib/domain/time/schedule";
import { remindOfEndings } from "@/lib/operations/notifications/remind-of-endings";
import { noIssuers } from "@/lib/platform/sql/factors-in-force";
import { listAccess } from "@/lib/queries/assignments/access";
import { firstPage } from "@/lib/queries/pages";
import { accessAddress, accessFilter } from "@/lib/web/access-address";
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

const remind = () => remindOfEndings(test.database, delivery);

/** The notices since the last time, by person. */
async function newNotices() {
  const { client } = test.database;
  const rows = await client.notification.findMany({
    where: { readAt: null },
    include: { recipient: true },
    orderBy: { id: "asc" },
  });
  await client.notification.updateMany({ data: { readAt: clock.now } });
  return rows.map(({ recipient, title, href }) => ({ who: recipient.displayName, title, href }));
}

async function arrange() {
  const { database } = test;
  const tree = await makeTree(database);
  const owner = await makeOwnerRole(database);
  const role = await makeRole(database, "Reader", { actions: ["*/read"] });
  const person = async (name: string, at?: { id: string }, kind: "active" | "eligible" = "active") => {
    const user = await makeUser(database, name);
    if (at) await grant(database, kind, user.id, owner.id, at.id);
    return user;
  };
  const ends = async (kind: "active" | "eligible", resourceId: string, endsAt: Date) =>
    grant(database, kind, (await makeUser(database)).id, role.id, resourceId, { endsAt });
  return { tree, owner, role, person, ends };
}

it("gathers what ends on a day for the administrators of each place, 14 days and one day ahead, with its list", async () => {
  const { tree, person, ends } = await arrange();
  const root = await person("Grace Owner", tree.root);
  await person("Olga Owner", tree.subscription);
  await person("Hal Owner", tree.group);
  await person("Mia Member");
  const day = addDays(start, 14);
  await ends("eligible", tree.group.id, day);
  await ends("eligible", tree.subscription.id, addDays(day, 0.5));
  await ends("active", tree.group.id, day);
  // Access that ends on another day, never, or has ended.
  await ends("active", tree.group.id, addDays(day, 1));
  await ends("active", tree.group.id, addDays(start, 2));
  expect(await remind()).toBe(3);
  const title = (number: number, where: string) =>
    expect.stringMatching(new RegExp(`^${number} assignments end on Monday 15 March 2027: .*${where}`));
  const first = await newNotices();
  expect(first).toEqual(
    expect.arrayContaining([
      { who: "Grace Owner", title: title(3, tree.root.displayName), href: expect.any(String) },
      { who: "Olga Owner", title: title(3, tree.subscription.displayName), href: expect.any(String) },
      { who: "Hal Owner", title: title(2, tree.group.displayName), href: expect.any(String) },
    ]),
  );
  expect(first).toHaveLength(3);
  // The link lists those, and nothing else.
  const caller = await makeCaller(test.database, root);
  for (const [who, number] of [
    ["Grace Owner", 3],
    ["Hal Owner", 2],
  ] as const) {
    const href = first.find((each) => each.who === who)?.href ?? "";
    const filter = accessFilter(Object.fromEntries(new URL(href, "http://x").searchParams));
    expect(accessAddress(filter)).toBe(href);
    const page = await listAccess(test.database, caller, filter, firstPage, noIssuers);
    expect(page?.rows).toHaveLength(number);
  }
  expect(await remind()).toBe(0);
  clock.now = addDays(day, -1);
  await remind();
  const again = await newNotices();
  expect(again.filter(({ title: text }) => text.includes("15 March"))).toHaveLength(3);
  const mails = await test.database.client.mailMessage.findMany({ where: { category: "administration" } });
  expect(mails.length).toBeGreaterThanOrEqual(6);
});

it("notifies somebody who administers a place through two roles or groups once, for the widest place", async () => {
  const { tree, owner, person, ends } = await arrange();
  const both = await person("Bea Both", tree.group);
  const group = await makeGroup(test.database, [both.id]);
  await grant(test.database, "active", group.id, owner.id, tree.root.id);
  await ends("eligible", tree.group.id, addDays(start, 14));
  await remind();
  expect(await newNotices()).toEqual([
    expect.objectContaining({ who: "Bea Both", title: expect.stringContaining(tree.root.displayName) }),
  ]);
});

it("marks the notice of somebody who must activate a role first, and mails it to nobody", async () => {
  const { tree, person, ends } = await arrange();
  await person("Eli Eligible", tree.subscription, "eligible");
  await ends("active", tree.group.id, addDays(start, 1));
  await remind();
  expect(await newNotices()).toEqual([
    {
      who: "Eli Eligible",
      title: expect.stringMatching(/^Activate first: 1 assignment ends on Tuesday 2 March 2027: /),
      href: expect.stringMatching(/^\/activate-first\?/),
    },
  ]);
  expect(await test.database.client.mailMessage.count()).toBe(0);
});

it("announces a day once with two workers at once, and after a stop those that were missed", async () => {
  const { tree, person, ends } = await arrange();
  await person("Grace Owner", tree.root);
  for (const days of [14, 15, 16]) await ends("eligible", tree.group.id, addDays(start, days));
  const counts = await atOnce(test, [remind, remind], "notifications");
  expect(counts.reduce((sum, count) => sum + count)).toBe(1);
  expect(await newNotices()).toHaveLength(1);
  clock.now = addDays(start, 2);
  expect(await remind()).toBe(2);
  // The clock is stopped, so notices of one moment have no order.
  expect((await newNotices()).map(({ title }) => title).sort()).toEqual([
    expect.stringContaining("16 March"),
    expect.stringContaining("17 March"),
  ]);
  // After three weeks of downtime nobody is notified of past ends.
  clock.now = addDays(start, 23);
  expect(await remind()).toBe(0);
});

it("counts the days of the organisation's zone", async () => {
  const { tree, person, ends } = await arrange();
  await test.asOwner("UPDATE installation SET time_zone = 'Asia/Tokyo'");
  await person("Grace Owner", tree.root);
  // 15 March in Tokyo begins at 15:00 UTC of the day before.
  await ends("eligible", tree.group.id, new Date("2027-03-14T14:59:00Z"));
  await ends("eligible", tree.group.id, new Date("2027-03-14T15:00:00Z"));
  await remind();
  expect(await newNotices()).toEqual([
    expect.objectContaining({ title: expect.stringMatching(/^1 assignment ends on Monday 15 March 2027/) }),
  ]);
});

it("announces what a day of another zone leaves out, where the organisation moves to that zone", async () => {
  const { tree, person, ends } = await arrange();
  await test.asOwner("UPDATE installation SET time_zone = 'Asia/Tokyo'");
  await person("Grace Owner", tree.root);
  // 15 March in Tokyo ends at 15:00 UTC.
  await ends("eligible", tree.group.id, new Date("2027-03-14T16:00:00Z"));
  await ends("eligible", tree.group.id, new Date("2027-03-15T20:00:00Z"));
  const fifteenth = { title: expect.stringMatching(/^1 assignment ends on Monday 15 March 2027/) };
  await remind();
  expect(await newNotices()).toEqual([expect.objectContaining(fifteenth)]);
  await test.asOwner("UPDATE installation SET time_zone = 'UTC'");
  await remind();
  expect(await newNotices()).toEqual([expect.objectContaining(fifteenth)]);
  // And only once: neither again here, nor back in the former zone.
  expect(await remind()).toBe(0);
  await test.asOwner("UPDATE installation SET time_zone = 'Asia/Tokyo'");
  expect(await remind()).toBe(0);
});
