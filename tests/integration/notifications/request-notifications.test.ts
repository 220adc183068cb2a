import { afterEach, beforeEach, expect, it } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { advanceAccessReviews } from "@/lib/operations/access-reviews/advance-access-reviews";
import { scanAlerts } from "@/lib/operations/alerts/scan-alerts";
import { decideExtension } from "@/lib/operations/assignments/decide-extension";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { remindOfDeadlines } from "@/lib/operations/notifications/remind-of-deadlines";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import { provisionRequest, provisionRequestOperation } from "@/lib/operations/requests/provision-request";
import { revokeOrphanedRequests } from "@/lib/operations/requests/revoke-orphaned-requests";
import { timeOutRequests } from "@/lib/operations/requests/time-out-requests";
import type { Caller } from "@/lib/platform/caller";
import { makeReviewed, startReview } from "../../support/access-reviews";
import { arrangeApproval, setSettings, stageOf } from "../../support/approval";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { approveRequest, denyRequest } from "../../support/decide-one";
import {
  grant,
  makeCaller,
  makeOwnerRole,
  makeProof,
  makeRole,
  makeTree,
  makeUser,
  pastTheRules,
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

/** The notices since the last time, by person. */
async function newNotices(): Promise<Record<string, string[]>> {
  const { client } = test.database;
  await deliverNotifications(test.database, { mail: true });
  const rows = await client.notification.findMany({
    where: { readAt: null },
    include: { recipient: { select: { displayName: true } } },
    orderBy: [{ recipientId: "asc" }, { id: "asc" }],
  });
  await client.notification.updateMany({ data: { readAt: clock.now } });
  const result: Record<string, string[]> = {};
  for (const { recipient, title } of rows)
    result[recipient.displayName] = [...(result[recipient.displayName] ?? []), withoutAddresses(title)];
  return result;
}

const decision = (requestId: string) => ({ requestId, justification: "Known outage", proofId: null });
const asks = "Rita Requester asks to activate User Access Administrator on Production";

it("asks the approvers, notifies the requestor that it was approved once, and the administrators that it is active", async () => {
  const tree = await makeTree(test.database);
  const owner = await makeUser(test.database, "Olga Owner");
  await grant(test.database, "active", owner.id, (await makeOwnerRole(test.database)).id, tree.root.id);
  const { waiting, first } = await arrangeApproval(test.database, { tree });
  const id = await waiting();
  expect(await newNotices()).toEqual({ "Anna Approver": [asks], "Boris Approver": [asks] });
  expect(await approveRequest(test.database, first, decision(id))).toMatchObject({ ok: true });
  const activated = "Rita Requester activated User Access Administrator on Production";
  expect(await newNotices()).toEqual({
    "Rita Requester": ["Your activation of User Access Administrator on Production was approved"],
    "Olga Owner": [activated],
    "Anna Approver": [activated],
    "Boris Approver": [activated],
  });
});

it("asks each stage's approvers in turn, and never whoever has approved or whoever asks", async () => {
  const { waiting, first, member, people } = await arrangeApproval(test.database, {
    stages: (ids) => [stageOf([ids[0] ?? ""]), stageOf(ids, { approvalsNeeded: 1 })],
  });
  expect(people).toHaveLength(2);
  const id = await waiting();
  expect(await newNotices()).toEqual({ "Anna Approver": [asks] });
  await approveRequest(test.database, first, decision(id));
  const again = await newNotices();
  expect(Object.keys(again)).toContain("Boris Approver");
  expect(again[member.displayName]).toBeUndefined();
});

it("notifies the requestor and those who were asked of a denial, a time-out, and a cancel", async () => {
  const tree = await makeTree(test.database);
  const user = await makeUser(test.database, "Olga Owner");
  await grant(test.database, "active", user.id, (await makeOwnerRole(test.database)).id, tree.root.id);
  const owner: Caller = await makeCaller(test.database, user);
  const { waiting, first, member } = await arrangeApproval(test.database, { tree });
  const mine = "Your request to activate User Access Administrator on Production";
  const over = `No longer needs a decision: ${asks}`;
  const id = await waiting();
  await newNotices();
  await denyRequest(test.database, first, decision(id));
  // The approver who denied it knows already. The administrator was not asked.
  expect(await newNotices()).toEqual({ "Rita Requester": [`${mine} was denied`], "Boris Approver": [over] });

  const second = await waiting();
  await newNotices();
  await cancelRequest(test.database, owner, { requestId: second, justification: "Not now" });
  const both = { "Anna Approver": [over], "Boris Approver": [over] };
  expect(await newNotices()).toEqual({ "Rita Requester": [`${mine} was canceled`], ...both });

  const third = await waiting();
  await newNotices();
  await cancelRequest(test.database, member, { requestId: third, justification: null });
  expect(await newNotices()).toEqual(both);

  await waiting();
  await newNotices();
  clock.now = addDays(start, 2);
  await timeOutRequests(test.database);
  expect(await newNotices()).toEqual({ "Rita Requester": [`${mine} has timed out`], ...both });
  const { client } = test.database;
  const hrefs = await client.notification.findMany({ where: { title: over }, select: { href: true } });
  expect(hrefs.every(({ href }) => /^\/requests\/[0-9a-f-]{36}$/.test(href))).toBe(true);
  const mails = await client.mailMessage.findMany({ where: { category: "asked" } });
  expect(mails).toHaveLength(7);
});

it("says nothing of a request to those who were not asked before it was over", async () => {
  const { waiting, member } = await arrangeApproval(test.database);
  const id = await waiting();
  await cancelRequest(test.database, member, { requestId: id, justification: null });
  expect(await newNotices()).toEqual({});
});

it("notifies whoever approved a first stage that the second was denied, and mails nobody who muted it", async () => {
  const { waiting, first, second } = await arrangeApproval(test.database, {
    stages: (ids) => [stageOf([ids[0] ?? ""]), stageOf([ids[1] ?? ""])],
  });
  const { client } = test.database;
  await client.notificationPreference.create({
    data: { userId: first.userId, mutedCategories: ["asked"] },
  });
  const id = await waiting();
  await newNotices();
  await approveRequest(test.database, first, decision(id));
  await newNotices();
  await denyRequest(test.database, second, decision(id));
  expect((await newNotices())["Anna Approver"]).toEqual([`No longer needs a decision: ${asks}`]);
  expect(await client.mailMessage.count({ where: { category: "asked" } })).toBe(0);
});

it("notifies the other administrators when a request to extend is denied or withdrawn", async () => {
  const tree = await makeTree(test.database);
  const ownerRole = await makeOwnerRole(test.database);
  const [one, other, user] = await Promise.all(
    ["Olga Owner", "Otto Owner", "Max Member"].map((name) => makeUser(test.database, name)),
  );
  if (!one || !other || !user) throw new Error("three people");
  for (const { id } of [one, other]) await grant(test.database, "active", id, ownerRole.id, tree.root.id);
  const role = await makeRole(test.database, "Reader", { actions: ["*/read"] });
  const held = await grant(test.database, "eligible", user.id, role.id, tree.subscription.id, {
    endsAt: addDays(start, 5),
  });
  const member = await makeCaller(test.database, user);
  const ask = () =>
    requestExtension(test.database, member, {
      ...{ assignmentType: "Eligible" as const, id: held.id, endsAt: addDays(start, 20) },
      justification: "Still needed",
    });
  const asked = await ask();
  if (!asked.ok) throw new Error(JSON.stringify(asked));
  await newNotices();
  const owner = await makeCaller(test.database, one);
  await decideExtension(test.database, owner, {
    ...{ requestId: asked.requestId, decision: { decision: "Deny" as const } },
    ...{ justification: "Enough", proofId: null },
  });
  const heard = await newNotices();
  expect(heard["Otto Owner"]).toEqual([
    expect.stringContaining("No longer needs a decision: Max Member asks to extend"),
  ]);
  expect(heard["Olga Owner"]).toBeUndefined();
  expect(heard["Max Member"]).toEqual([expect.stringContaining("Your request to extend was denied")]);
});

it("notifies the requestor why an approved activation could not be given", async () => {
  const { waiting, first, settings, role, tree } = await arrangeApproval(test.database);
  const id = await waiting({ durationMinutes: 480 });
  await newNotices();
  await setSettings(test.database, role.id, tree.subscription.id, {
    ...settings,
    activationMaximumMinutes: 60,
  });
  await approveRequest(test.database, first, decision(id));
  expect(await newNotices()).toEqual({
    "Rita Requester": [
      "Your request to activate User Access Administrator on Production was approved, but could not be completed",
    ],
  });
});

it("notifies the escalation approvers when nobody has decided in time", async () => {
  const escalation = await makeUser(test.database, "Emma Escalation");
  const { waiting } = await arrangeApproval(test.database, {
    stages: (ids) => [stageOf(ids, { timeoutHours: 4, escalationApproverIds: [escalation.id] })],
  });
  await waiting();
  expect(Object.keys(await newNotices())).not.toContain("Emma Escalation");
  clock.now = addMinutes(start, 241);
  await timeOutRequests(test.database);
  expect((await newNotices())["Emma Escalation"]).toEqual([`${asks}, and nobody has decided yet`]);
});

it("reminds the administrators as well when too few are left, an approval given having lost its giver", async () => {
  const tree = await makeTree(test.database);
  const owner = await makeUser(test.database, "Olga Owner");
  await grant(test.database, "active", owner.id, (await makeOwnerRole(test.database)).id, tree.root.id);
  const { waiting, first } = await arrangeApproval(test.database, {
    tree,
    stages: (ids) => [stageOf(ids, { approvalsNeeded: 2 })],
  });
  const id = await waiting();
  await approveRequest(test.database, first, decision(id));
  await newNotices();
  await test.database.client.principal.update({
    where: { id: first.userId },
    data: { disabledAt: clock.now },
  });
  clock.now = addMinutes(start, 24 * 60 - 30);
  await remindOfDeadlines(test.database);
  expect(Object.keys(await newNotices()).sort()).toEqual(["Boris Approver", "Olga Owner"]);
});

it("asks whoever may give the role about an extension, and not the member who asks", async () => {
  const tree = await makeTree(test.database);
  const ownerRole = await makeOwnerRole(test.database);
  const [owner, member] = [await makeUser(test.database, "Olga Owner"), await makeUser(test.database)];
  await grant(test.database, "active", owner.id, ownerRole.id, tree.root.id);
  await grant(test.database, "active", member.id, ownerRole.id, tree.group.id, {
    endsAt: addDays(start, 60),
  });
  const endsAt = addDays(start, 5);
  const eligibility = await grant(test.database, "eligible", member.id, ownerRole.id, tree.group.id, {
    endsAt,
  });
  const result = await requestExtension(test.database, await makeCaller(test.database, member), {
    ...{ assignmentType: "Eligible", id: eligibility.id },
    ...{ endsAt: addDays(endsAt, 30), justification: "Still on call" },
  });
  expect(result).toMatchObject({ ok: true });
  expect(await newNotices()).toEqual({ "Olga Owner": ["Ada Byron asks to extend Owner on web"] });
});

it("notifies administrators of an alert, and reviewers of an access review that asks them", async () => {
  const { database } = test;
  const place = await makeReviewed(database);
  const member = await makeUser(database, "Mia Member");
  await grant(database, "active", member.id, place.contributor.id, place.group.id, {
    endsAt: addDays(start, 90),
  });
  for (const name of ["One", "Two", "Three"]) {
    const owner = await makeUser(database, `Owner ${name}`);
    await grant(database, "active", owner.id, place.owner.id, place.subscription.id);
  }
  await scanAlerts(database);
  const alerts = await newNotices();
  expect(alerts["Root Owner"]?.length).toBeGreaterThan(0);
  expect(alerts["Mia Member"]).toBeUndefined();

  const reviewId = await startReview(database, place.administrator, { resourceId: place.group.id });
  await advanceAccessReviews(database);
  expect(await newNotices()).toEqual({
    "Mia Member": ["You are asked to review who has access: Quarterly review"],
  });
  const row = await database.client.notification.findFirstOrThrow({ where: { category: "decisions" } });
  expect(row.href).toBe(`/access-reviews/${reviewId}`);
  clock.now = addDays(start, 15);
  await advanceAccessReviews(database);
  expect(await newNotices()).toEqual({ "Ada Admin": ["Your access review has ended: Quarterly review"] });
});

it("notifies the member of the code that an approved request waits for, once more before it times out, and then of that", async () => {
  const what = "User Access Administrator on Production";
  const { approved } = await arrangeApproval(test.database, { settings: { provisioningRequiresMfa: true } });
  const id = await approved();
  expect(await newNotices()).toEqual({
    "Rita Requester": [`Enter your code to start ${what}: your request was approved`],
  });
  const notice = await test.database.client.notification.findFirstOrThrow({
    where: { recipient: { displayName: "Rita Requester" } },
  });
  expect({ ...notice, body: withoutAddresses(notice.body) }).toMatchObject({
    body: "Anna Approver approved it. Nothing is active yet. Enter a new verification code by 2 Mar 2027, 09:00 UTC, or the request times out.",
    href: `/requests/${id}?activate=1`,
  });
  const mail = await test.database.client.mailMessage.findFirstOrThrow({
    where: { subjectKey: notice.subjectKey },
  });
  expect(JSON.stringify(mail.content)).toContain("Enter your code by");

  clock.now = addMinutes(start, 18 * 60);
  expect(await remindOfDeadlines(test.database)).toBe(1);
  expect(await remindOfDeadlines(test.database)).toBe(0);
  expect(await newNotices()).toEqual({
    "Rita Requester": [`Enter your code to start ${what}: your request times out soon`],
  });
  clock.now = addDays(start, 1);
  await timeOutRequests(test.database);
  expect(await newNotices()).toEqual({
    "Rita Requester": [`Your request to activate ${what} has timed out`],
  });
  const last = await test.database.client.notification.findFirstOrThrow({ orderBy: { id: "desc" } });
  expect(last.body).toContain("no code was entered in time");
});

it("notifies the member that they activated a role with the code after approval, and approvers of nothing they decided", async () => {
  const tree = await makeTree(test.database);
  const options = { tree, settings: { provisioningRequiresMfa: true } };
  const { approved, member } = await arrangeApproval(test.database, options);
  const requestId = await approved();
  await newNotices();
  const proofId = await makeProof(test.database, member, provisionRequestOperation(requestId));
  expect(await provisionRequest(test.database, member, { requestId, proofId })).toMatchObject({ ok: true });
  const activated = "Rita Requester activated User Access Administrator on Production";
  expect(await newNotices()).toEqual({
    "Rita Requester": ["You activated User Access Administrator on Production"],
    "Anna Approver": [activated],
    "Boris Approver": [activated],
  });

  const other = await arrangeApproval(test.database, options);
  await other.approved();
  await newNotices();
  clock.now = addMinutes(start, 60);
  await pastTheRules(test.database, (to) =>
    to.eligibility.update({ where: { id: other.eligibility.id }, data: { endsAt: clock.now } }),
  );
  await revokeOrphanedRequests(test.database);
  expect(await newNotices()).toEqual({
    "Rita Requester": ["Your request to activate User Access Administrator on Production was revoked"],
  });
});
