import { afterEach, beforeEach, expect, it } from "vitest";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { decideExtension } from "@/lib/operations/assignments/decide-extension";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { makeWeeklyDigest } from "@/lib/operations/notifications/make-weekly-digest";
import { mostEligible } from "@/lib/operations/people/find-people";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import { inTransaction } from "@/lib/platform/transaction";
import { arrangeApproval, setSettings, stageOf } from "../../support/approval";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import {
  grant,
  makeCaller,
  makeGroup,
  makeOwnerRole,
  makeProof,
  makeRole,
  makeTree,
  makeUser,
  withoutAddresses,
} from "../../support/factories";

const start = new Date("2027-03-01T09:00:00Z");
const clock = { now: start };
let test: TestDatabase;

beforeEach(async () => {
  clock.now = start;
  test = await createTestDatabase({ clock: () => clock.now });
});
afterEach(() => test.drop());

/** An organisation in which Erin can become an Owner at the root, Omar one of web, and nobody is an active one. */
async function arrange() {
  const { database } = test;
  const tree = await makeTree(database);
  const owner = await makeOwnerRole(database);
  const reader = await makeRole(database, "Reader", { actions: ["*/read"] });
  const [erin, omar, mia] = await Promise.all(
    ["Erin Eligible", "Omar Eligible", "Mia Member"].map((name) => makeUser(database, name)),
  );
  if (!erin || !omar || !mia) throw new Error("nobody was made");
  const above = await grant(database, "eligible", erin.id, owner.id, tree.root.id);
  const operators = await makeGroup(database, [omar.id], "Operators");
  const here = await grant(database, "eligible", operators.id, owner.id, tree.group.id);
  const access = await grant(database, "eligible", mia.id, reader.id, tree.group.id, {
    startsAt: addDays(start, -30),
    endsAt: addDays(start, 5),
  });
  const member = await makeCaller(database, mia);
  const askForMore = async () => {
    const asked = await requestExtension(database, member, {
      ...{
        assignmentType: "Eligible",
        id: access.id,
        endsAt: addDays(start, 60),
        justification: "Still needed",
      },
    });
    if (!asked.ok) throw new Error(asked.error.code);
    const { id } = await database.client.request.findFirstOrThrow({ where: { requestType: "SelfExtend" } });
    return id;
  };
  return { database, tree, owner, reader, erin, omar, mia, member, above, here, askForMore };
}

/** The notices since the last time, and the addresses that get mail. */
async function noticed() {
  const { client } = test.database;
  await deliverNotifications(test.database, { mail: true });
  const rows = await client.notification.findMany({
    where: { readAt: null },
    include: { recipient: { select: { displayName: true } } },
    orderBy: { id: "asc" },
  });
  await client.notification.updateMany({ data: { readAt: clock.now } });
  const mails = await client.mailMessage.findMany({
    where: { sentAt: null },
    include: { recipient: true },
    orderBy: { id: "asc" },
  });
  await client.mailMessage.updateMany({ data: { sentAt: clock.now } });
  return {
    titles: Object.fromEntries(rows.map((row) => [row.recipient.displayName, withoutAddresses(row.title)])),
    rows: new Map(rows.map((row) => [row.recipient.displayName, row])),
    mailed: mails.map((mail) => mail.recipient?.displayName).sort(),
  };
}

const asks = "Mia Member asks to extend Reader on web";

it("notifies everybody who could decide after activating a role that a member asks to extend, and which role", async () => {
  const { tree, above, here, askForMore } = await arrange();
  await askForMore();
  const { titles, rows, mailed } = await noticed();
  expect(titles).toEqual({
    "Erin Eligible": `Activate first: ${asks}`,
    "Omar Eligible": `Activate first: ${asks}`,
  });
  expect(mailed).toEqual(["Erin Eligible", "Omar Eligible"]);
  const links = (name: string) => new URL(rows.get(name)?.href ?? "", "https://x");
  for (const [name, eligibility] of [
    ["Erin Eligible", above],
    ["Omar Eligible", here],
  ] as const) {
    expect(links(name).pathname).toBe("/activate-first");
    expect(links(name).searchParams.get("role")).toBe(eligibility.id);
    expect(links(name).searchParams.get("at")).toBe(tree.group.id);
  }
  expect(withoutAddresses(rows.get("Omar Eligible")?.body ?? "")).toContain(
    "You are eligible for Owner on web.",
  );
});

it("notifies the active administrators without the mark, each person once, and lets eligibility decide nothing", async () => {
  const { database, tree, owner, erin, omar, askForMore } = await arrange();
  const olga = await makeUser(database, "Olga Owner");
  await grant(database, "active", olga.id, owner.id, tree.root.id);
  await grant(database, "active", omar.id, owner.id, tree.group.id);
  const requestId = await askForMore();
  const { titles, mailed } = await noticed();
  expect(titles).toEqual({
    "Olga Owner": asks,
    "Omar Eligible": asks,
    "Erin Eligible": `Activate first: ${asks}`,
  });
  expect(mailed).toEqual(["Erin Eligible", "Olga Owner", "Omar Eligible"]);
  const decision = { decision: "Deny" } as const;
  expect(
    await decideExtension(database, await makeCaller(database, erin), {
      ...{ requestId, decision, justification: "No", proofId: null },
    }),
  ).toMatchObject({ ok: false });
});

it("leaves out whoever asks, those who would gain by it, and those whose eligibility has not begun or has ended", async () => {
  const { database, tree, owner, erin, omar, mia, reader } = await arrange();
  const late = await makeUser(database, "Lea Later");
  const past = await makeUser(database, "Paul Past");
  await grant(database, "eligible", late.id, owner.id, tree.root.id, { startsAt: addDays(start, 1) });
  await grant(database, "eligible", past.id, owner.id, tree.root.id, {
    startsAt: addDays(start, -9),
    endsAt: addDays(start, -1),
  });
  await grant(database, "eligible", mia.id, owner.id, tree.root.id);
  const team = await makeGroup(database, [omar.id, mia.id], "Team");
  const access = await grant(database, "eligible", team.id, reader.id, tree.group.id, {
    endsAt: addDays(start, 5),
  });
  const asked = await requestExtension(database, await makeCaller(database, mia), {
    ...{
      assignmentType: "Eligible",
      id: access.id,
      endsAt: addDays(start, 60),
      justification: "Still needed",
    },
  });
  expect(asked).toMatchObject({ ok: true });
  expect(Object.keys((await noticed()).titles)).toEqual([erin.displayName]);
});

it("notifies those who could become administrators that a request has nobody left to approve it", async () => {
  const { database } = test;
  const tree = await makeTree(database);
  const owner = await makeOwnerRole(database);
  const erin = await makeUser(database, "Erin Eligible");
  await grant(database, "eligible", erin.id, owner.id, tree.root.id);
  const { waiting } = await arrangeApproval(database, {
    tree,
    stages: ([first]) => [stageOf([first ?? ""])],
  });
  await database.client.principal.updateMany({
    where: { displayName: "Anna Approver" },
    data: { disabledAt: addDays(start, -40) },
  });
  await waiting();
  expect((await noticed()).titles).toEqual({
    "Erin Eligible":
      "Activate first: Rita Requester asks to activate User Access Administrator on Production",
  });
});

it("notifies them of alerts of high severity by mail, and of weaker ones in the portal", async () => {
  const { database, tree } = await arrange();
  const resource = await database.client.resource.findUniqueOrThrow({ where: { id: tree.root.id } });
  const raise = (severity: string) =>
    inTransaction(database, (transaction) =>
      recordAuditEvent(transaction, {
        ...{
          kind: "AlertRaised",
          outcome: "Success",
          resource,
          details: { alert: "Too many Owners", severity },
        },
      }),
    );
  await raise("High");
  expect(await noticed()).toMatchObject({
    titles: { "Erin Eligible": "Activate first: Too many Owners: Contoso" },
    mailed: ["Erin Eligible"],
  });
  await raise("Medium");
  expect(await noticed()).toMatchObject({
    titles: { "Erin Eligible": "Activate first: Too many Owners: Contoso" },
    mailed: [],
  });
});

it("shows the first Owner's activation to the others who could be one, without mail", async () => {
  const { database, tree, omar, erin, above } = await arrange();
  const caller = await makeCaller(database, erin);
  const what = { eligibilityId: above.id, resourceId: tree.group.id, startsAt: null, durationMinutes: 60 };
  const activate = async () =>
    activateRole(database, caller, {
      ...what,
      justification: "Look after a request",
      ticketNumber: null,
      ticketSystem: null,
      proofId: await makeProof(database, caller, { kind: "ActivateRole", ...what }),
    });
  expect(await activate()).toMatchObject({ ok: true });
  const { titles, mailed } = await noticed();
  expect(titles[omar.displayName]).toBe("Activate first: Erin Eligible activated Owner on web");
  expect(mailed).not.toContain(omar.displayName);
});

it("follows the role settings for them as for administrators: critical only, and nobody by default", async () => {
  const { database, tree, reader, askForMore } = await arrange();
  const { notifications } = defaultRoleSettings;
  const set = (change: { criticalOnly?: boolean; defaultRecipients?: boolean }) =>
    setSettings(database, reader.id, tree.group.id, {
      ...defaultRoleSettings,
      notifications: {
        ...notifications,
        Admin_Eligibility: {
          ...notifications.Admin_Eligibility,
          Approver: { ...notifications.Admin_Eligibility.Approver, ...change },
        },
      },
    });
  await set({ criticalOnly: true });
  await askForMore();
  expect(Object.keys((await noticed()).titles).sort()).toEqual(["Erin Eligible", "Omar Eligible"]);
  await database.client.request.updateMany({
    data: { status: "Canceled", completedAt: clock.now },
    where: { requestType: "SelfExtend" },
  });
  await set({ defaultRecipients: false });
  await askForMore();
  expect((await noticed()).titles).toEqual({});
});

it("notifies at most so many who are eligible of one thing, the nearest first", async () => {
  const { database, tree, owner, askForMore, omar } = await arrange();
  const crowd = await Promise.all(
    Array.from({ length: mostEligible + 5 }, (_, index) => makeUser(database, `Crowd ${index}`)),
  );
  const group = await makeGroup(
    database,
    crowd.map((person) => person.id),
    "Crowd",
  );
  await grant(database, "eligible", group.id, owner.id, tree.root.id);
  await askForMore();
  const { titles } = await noticed();
  expect(Object.keys(titles)).toHaveLength(mostEligible);
  expect(titles).toHaveProperty(omar.displayName);
});

it("sends the weekly digest to those who could be administrators, with the role to activate", async () => {
  const { database, omar, askForMore } = await arrange();
  await askForMore();
  await makeWeeklyDigest(database, { mail: true });
  clock.now = addDays(start, 9);
  await makeWeeklyDigest(database, { mail: true });
  const digests = await database.client.notification.findMany({
    where: { category: "digest", recipientId: omar.id },
  });
  expect(digests.map((row) => [row.title.slice(0, 15), row.href.slice(0, 16), row.body])).toEqual([
    ["Activate first:", "/activate-first?", expect.stringContaining("in the scopes you can administer.")],
  ]);
});
