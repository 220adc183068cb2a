import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { advanceAccessReviews } from "@/lib/operations/access-reviews/advance-access-reviews";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { remindOfDeadlines } from "@/lib/operations/notifications/remind-of-deadlines";
import { timeOutRequests } from "@/lib/operations/requests/time-out-requests";
import { itemsOf, makeReviewed, startReview } from "../../support/access-reviews";
import { arrangeApproval, stageOf } from "../../support/approval";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { oneBesideTheOther } from "../../support/database/held-lock";
import { approveRequest } from "../../support/decide-one";
import {
  grant,
  makeCaller,
  makeOwnerRole,
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

const minutesLater = (minutes: number) => {
  clock.now = addMinutes(start, minutes);
};

/** The reminders since the last time, by person. Bell and mail agree. */
async function reminded(): Promise<Record<string, string>> {
  const { client } = test.database;
  await deliverNotifications(test.database, { mail: true });
  const recipient = { select: { displayName: true } };
  const rows = await client.notification.findMany({
    where: { readAt: null, category: "decisions" },
    include: { recipient },
    orderBy: { id: "asc" },
  });
  await client.notification.updateMany({ data: { readAt: clock.now } });
  const mails = await client.mailMessage.findMany({ where: { sentAt: null }, include: { recipient } });
  await client.mailMessage.updateMany({ data: { sentAt: clock.now } });
  const isReminder = (title: string) => /times out soon|still waits/.test(title);
  const bell = rows.filter((row) => isReminder(row.title));
  const mailed = mails.filter((mail) => isReminder(JSON.stringify(mail.content)));
  expect(mailed.map((mail) => mail.recipient?.displayName).sort()).toEqual(
    bell.map((row) => row.recipient.displayName).sort(),
  );
  return Object.fromEntries(bell.map((row) => [row.recipient.displayName, withoutAddresses(row.title)]));
}

const soon = "Rita Requester asks to activate User Access Administrator on Production, and it times out soon";
const decision = (requestId: string) => ({ requestId, justification: "Known outage", proofId: null });
const events = (kind: string) => test.database.client.auditEvent.count({ where: { kind } });

describe("approvers", () => {
  it("are reminded once, when a quarter of the stage's time is left", async () => {
    const { waiting } = await arrangeApproval(test.database);
    await waiting();
    minutesLater(18 * 60 - 1);
    expect(await remindOfDeadlines(test.database)).toBe(0);
    minutesLater(18 * 60);
    const runs = await oneBesideTheOther(
      test,
      () => remindOfDeadlines(test.database),
      () => remindOfDeadlines(test.database),
    );
    expect(runs.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await reminded()).toEqual({ "Anna Approver": soon, "Boris Approver": soon });
    minutesLater(23 * 60);
    expect(await remindOfDeadlines(test.database)).toBe(0);
    expect(await reminded()).toEqual({});
  });

  it("hear of it at least half an hour and at most a day before", async () => {
    const hour = await arrangeApproval(test.database, {
      stages: (ids) => [stageOf(ids, { timeoutHours: 1 })],
    });
    await hour.waiting();
    minutesLater(29);
    expect(await remindOfDeadlines(test.database)).toBe(0);
    minutesLater(30);
    expect(await remindOfDeadlines(test.database)).toBe(1);
    minutesLater(0);
    const month = await arrangeApproval(test.database, {
      tree: hour.tree,
      stages: (ids) => [stageOf(ids, { timeoutHours: 720 })],
    });
    await month.waiting();
    clock.now = addMinutes(addDays(start, 29), -1);
    expect(await remindOfDeadlines(test.database)).toBe(0);
    clock.now = addDays(start, 29);
    expect(await remindOfDeadlines(test.database)).toBe(1);
  });

  it("are those who may still decide at that moment, and nobody who has approved or left", async () => {
    const { database } = test;
    const { waiting, first, tree } = await arrangeApproval(database, {
      stages: (ids) => [stageOf(ids, { approvalsNeeded: 2 })],
    });
    const id = await waiting();
    await approveRequest(database, first, decision(id));
    minutesLater(18 * 60);
    await remindOfDeadlines(database);
    expect(await reminded()).toEqual({ "Boris Approver": soon });

    const other = await arrangeApproval(database, { tree });
    await other.waiting();
    minutesLater(36 * 60);
    await remindOfDeadlines(database);
    await database.client.principal.update({
      where: { id: other.people[1]?.id ?? "" },
      data: { disabledAt: clock.now },
    });
    expect(await reminded()).toEqual({ "Anna Approver": soon });
  });

  it("are the administrators where too few approvers are able", async () => {
    const { database } = test;
    const tree = await makeTree(database);
    const owner = await makeUser(database, "Olga Owner");
    await grant(database, "active", owner.id, (await makeOwnerRole(database)).id, tree.root.id);
    const { waiting, people } = await arrangeApproval(database, { tree });
    await waiting();
    await database.client.principal.updateMany({
      where: { id: { in: people.map((person) => person.id) } },
      data: { disabledAt: clock.now },
    });
    minutesLater(18 * 60);
    await remindOfDeadlines(database);
    expect(await reminded()).toEqual({ "Olga Owner": soon });
  });

  it("of each stage in turn, the escalation approvers among them", async () => {
    const { database } = test;
    const deputy = await makeUser(database, "Dora Deputy");
    const { waiting, first } = await arrangeApproval(database, {
      stages: ([one = "", two = ""]) => [
        stageOf([one], { timeoutHours: 8 }),
        stageOf([two], { timeoutHours: 4, escalationApproverIds: [deputy.id] }),
      ],
    });
    const id = await waiting();
    minutesLater(6 * 60);
    expect(await remindOfDeadlines(database)).toBe(1);
    expect(await reminded()).toEqual({ "Anna Approver": soon });
    await approveRequest(database, first, decision(id));
    // Eight hours from here in all: the reminder is two hours before, and the deputy has been asked since the
    // fourth.
    minutesLater(12 * 60 - 1);
    expect(await remindOfDeadlines(database)).toBe(0);
    minutesLater(12 * 60);
    expect(await remindOfDeadlines(database)).toBe(1);
    expect(await reminded()).toEqual({ "Boris Approver": soon, "Dora Deputy": soon });
  });

  it("are not reminded after the deadline, nor of what is decided or rests on nothing any more", async () => {
    const { database } = test;
    const { waiting, first, tree } = await arrangeApproval(database);
    const decided = await waiting();
    await approveRequest(database, first, decision(decided));
    const late = await arrangeApproval(database, { tree });
    await late.waiting();
    const orphaned = await arrangeApproval(database, { tree });
    await orphaned.waiting();
    await pastTheRules(database, (to) =>
      to.eligibility.update({
        where: { id: orphaned.eligibility.id },
        data: { endsAt: addMinutes(start, 60) },
      }),
    );
    // The worker was stopped for more than a day.
    minutesLater(24 * 60);
    expect(await remindOfDeadlines(database)).toBe(0);
    await timeOutRequests(database);
    expect(await remindOfDeadlines(database)).toBe(0);
    expect(await reminded()).toEqual({});
    expect(await events("RequestReminded")).toBe(0);
  });

  it("are notified of nothing late where the reminder was written and the deadline passed before it was delivered", async () => {
    const { waiting } = await arrangeApproval(test.database);
    await waiting();
    minutesLater(20 * 60);
    expect(await remindOfDeadlines(test.database)).toBe(1);
    minutesLater(25 * 60);
    expect(await reminded()).toEqual({});
  });
});

describe("reviewers", () => {
  const waits = "An access review still waits for your answers: Quarterly review";

  async function review(durationDays: number) {
    const { database } = test;
    const reviewed = await makeReviewed(database);
    const [quick, slow] = [
      await makeCaller(database, await makeUser(database, "Quentin Quick")),
      await makeCaller(database, await makeUser(database, "Sara Slow")),
    ];
    for (const person of [quick, slow])
      await grant(database, "eligible", person.userId, reviewed.reader.id, reviewed.subscription.id);
    const reviewId = await startReview(database, reviewed.administrator, {
      resourceId: reviewed.subscription.id,
      covers: "Eligible",
      roleDefinitionIds: [reviewed.reader.id],
      durationDays,
    });
    const items = await itemsOf(database, reviewId);
    const answer = (person: typeof quick) =>
      decideAccessReview(database, person, {
        reviewId,
        itemIds: items.filter((item) => item.principalId === person.userId).map((item) => item.id),
        seen: new Map(),
        decision: "Approve",
        reason: "Still needed",
      });
    return { ...reviewed, reviewId, quick, slow, answer };
  }

  it("with something unanswered are reminded a day before the end, once", async () => {
    const { database } = test;
    const { quick, answer } = await review(14);
    await reminded();
    expect(await answer(quick)).toMatchObject({ ok: true });
    clock.now = addMinutes(addDays(start, 13), -1);
    expect(await remindOfDeadlines(database)).toBe(0);
    clock.now = addDays(start, 13);
    const runs = await oneBesideTheOther(
      test,
      () => remindOfDeadlines(database),
      () => remindOfDeadlines(database),
    );
    expect(runs.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await reminded()).toEqual({ "Sara Slow": waits });
    clock.now = addMinutes(addDays(start, 14), -1);
    expect(await remindOfDeadlines(database)).toBe(0);
  });

  it("are reminded at three quarters of a review of one day", async () => {
    const { database } = test;
    await review(1);
    await reminded();
    minutesLater(18 * 60 - 1);
    expect(await remindOfDeadlines(database)).toBe(0);
    minutesLater(18 * 60);
    expect(await remindOfDeadlines(database)).toBe(1);
    expect(await reminded()).toEqual({ "Quentin Quick": waits, "Sara Slow": waits });
  });

  it("are not reminded once they have no say", async () => {
    const { database } = test;
    const { quick, slow, answer } = await review(14);
    await answer(quick);
    clock.now = addDays(start, 13);
    expect(await remindOfDeadlines(database)).toBe(1);
    await database.client.principal.update({ where: { id: slow.userId }, data: { disabledAt: clock.now } });
    expect(await reminded()).toEqual({});
  });

  it("are not reminded once everything is answered, nor after the end", async () => {
    const { database } = test;
    const { quick, slow, answer, administrator, subscription, reader } = await review(14);
    await answer(quick);
    await answer(slow);
    clock.now = addDays(start, 13);
    expect(await remindOfDeadlines(database)).toBe(0);
    await startReview(database, administrator, {
      resourceId: subscription.id,
      roleDefinitionIds: [reader.id],
      durationDays: 14,
    });
    clock.now = addDays(start, 27);
    expect(await remindOfDeadlines(database)).toBe(0);
    await advanceAccessReviews(database);
    expect(await remindOfDeadlines(database)).toBe(0);
    expect(await reminded()).toEqual({});
  });
});
