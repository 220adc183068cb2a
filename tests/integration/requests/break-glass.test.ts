import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { extendActivation } from "@/lib/operations/activation/extend-activation";
import { scanAlerts } from "@/lib/operations/alerts/scan-alerts";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { breakGlass, breakGlassOperation } from "@/lib/operations/requests/break-glass";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import { closeBreakGlass } from "@/lib/operations/requests/close-break-glass";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import type { Caller } from "@/lib/platform/caller";
import {
  breakGlassTerms,
  countReviewsToClose,
  reviewOf,
  reviewsToClose,
} from "@/lib/queries/requests/break-glass";
import { oneRequest } from "@/lib/queries/requests/one-request";
import { countWaitingForMe } from "@/lib/queries/requests/waiting-for-me";
import {
  type Administration,
  makeAdministration,
  refusedBy,
  refusedWith,
} from "../../support/administration";
import { approvedBy, arrangeApproval, setSettings, stageOf } from "../../support/approval";
import { allBehind, holdLock, holdPolicy } from "../../support/database/held-lock";
import { approveRequest, denyRequest } from "../../support/decide-one";
import { grant, makeCaller, makeGroup, makeProof } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());
beforeEach(() => {
  now = start;
});

const allowed = { breakGlassMaximumMinutes: 60 };

/** A member whose request waits for approval of a role that allows break-glass. */
async function arrange(settings: Parameters<typeof arrangeApproval>[1] = { settings: allowed }) {
  const one = await arrangeApproval(at.database, { tree: at.tree, ...settings });
  const requestId = await one.waiting({ durationMinutes: 120 });
  const use = async (
    changes: {
      durationMinutes?: number;
      justification?: string | null;
      requestId?: string;
      proofId?: string | null;
      caller?: Caller;
    } = {},
  ) => {
    const { caller = one.member, proofId, ...rest } = changes;
    const input = { requestId, durationMinutes: 60, justification: "The database is down", ...rest };
    return breakGlass(at.database, caller, {
      ...input,
      proofId:
        proofId === undefined ? await makeProof(at.database, caller, breakGlassOperation(input)) : proofId,
    });
  };
  const close = (caller: Caller, changes: Partial<Parameters<typeof closeBreakGlass>[2]> = {}) =>
    closeBreakGlass(at.database, caller, {
      ...{ requestId, outcome: "Justified", justification: "Seen on the bridge call", endActivation: false },
      ...changes,
    });
  const review = () => at.database.client.breakGlassReview.findUnique({ where: { requestId } });
  const active = async () =>
    (await at.database.client.assignment.findMany({ where: { principalId: one.user.id } })).filter(
      ({ startsAt, endsAt }) => startsAt <= now && (endsAt === null || endsAt > now),
    );
  const events = async () =>
    (
      await at.database.client.auditEvent.findMany({ where: { requestId }, orderBy: { sequence: "asc" } })
    ).map(({ kind, outcome }) => `${kind} ${outcome}`);
  return { ...one, requestId, use, close, review, active, events };
}

describe("a member who approves their own request in an emergency", () => {
  it("holds the role from now, no longer than the cap, with a review open", async () => {
    const one = await arrange();
    now = addMinutes(start, 5);
    expect(await one.use()).toMatchObject({ ok: true, startsAt: now, endsAt: addMinutes(now, 60) });
    expect(await one.active()).toHaveLength(1);
    expect(await one.read(one.requestId)).toMatchObject({
      status: "Provisioned",
      approval: { closedAt: now },
      decisions: [],
    });
    expect(await one.review()).toMatchObject({
      ...{ memberId: one.user.id, roleDefinitionId: one.role.id, reason: "The database is down" },
      ...{ closedAt: null, outcome: null },
    });
    expect(await one.events()).toEqual([
      "ActivationRequested Success",
      "BreakGlassUsed Success",
      "RoleActivated Success",
    ]);
    // The original justification is kept beside that of the emergency.
    const [used, activated] = await at.database.client.auditEvent.findMany({
      where: { requestId: one.requestId, kind: { in: ["BreakGlassUsed", "RoleActivated"] } },
      orderBy: { sequence: "asc" },
    });
    expect(used).toMatchObject({
      ...{ factor: "Totp", justification: "The database is down" },
      details: { durationMinutes: 60, requestedMinutes: 120, maximumMinutes: 60 },
    });
    expect(activated).toMatchObject({ justification: "Fix the outage", details: { breakGlass: true } });
  });

  it("always enters a code, for exactly this request, time and reason, and once", async () => {
    const one = await arrange({ settings: { ...allowed, activationRequiresMfa: false } });
    expect(await one.use({ proofId: null })).toMatchObject(refusedBy("MfaRule"));
    const input = { requestId: one.requestId, durationMinutes: 60, justification: "The database is down" };
    const proofFor = (changes: Partial<typeof input>) =>
      makeProof(at.database, one.member, breakGlassOperation({ ...input, ...changes }));
    const other = await arrange();
    for (const changes of [
      { durationMinutes: 30 },
      { justification: "Another reason" },
      { requestId: other.requestId },
    ])
      expect(await one.use({ proofId: await proofFor(changes) })).toMatchObject(refusedBy("MfaRule"));
    const proofId = await proofFor({});
    expect(await one.use({ proofId })).toMatchObject({ ok: true });
    expect(await one.use({ proofId })).toMatchObject(refusedWith("RequestNotPending"));
  });

  it("gives a reason, within the cap, the role's maximum and what was asked for; all that fails is said", async () => {
    const one = await arrange();
    expect(await one.use({ durationMinutes: 61, justification: " ", proofId: null })).toMatchObject(
      refusedBy("ExpirationRule", "JustificationRule", "MfaRule"),
    );
    for (const durationMinutes of [61, 29, 0, -5, 30.5, 1e9, Number.NaN])
      expect(await one.use({ durationMinutes }), String(durationMinutes)).toMatchObject(
        refusedBy("ExpirationRule"),
      );
    const long = await arrange({
      settings: { breakGlassMaximumMinutes: 240, activationMaximumMinutes: 120 },
    });
    expect(await long.use({ durationMinutes: 121 })).toMatchObject(refusedBy("ExpirationRule"));
    expect(await long.use({ durationMinutes: 120 })).toMatchObject({ ok: true });
    const short = await arrangeApproval(at.database, {
      tree: at.tree,
      settings: { breakGlassMaximumMinutes: 240 },
    });
    const requestId = await short.waiting({ durationMinutes: 30 });
    const asked = { requestId, durationMinutes: 60, justification: "Now" };
    const proofId = await makeProof(at.database, short.member, breakGlassOperation(asked));
    expect(await breakGlass(at.database, short.member, { ...asked, proofId })).toMatchObject(
      refusedBy("ExpirationRule"),
    );
  });

  it("leaves the request waiting where the settings do not allow it", async () => {
    const one = await arrange({});
    expect(await one.use()).toMatchObject(refusedBy("BreakGlassRule"));
    expect(await one.read(one.requestId)).toMatchObject({ status: "PendingApproval" });
    expect(await one.review()).toBeNull();
    expect((await one.events()).at(-1)).toBe("BreakGlassUsed Failure");
  });

  it("is allowed only if every level that requires approval allows it", async () => {
    const one = await arrangeApproval(at.database, { tree: at.tree, settings: allowed });
    const above = approvedBy([stageOf([one.people[1]?.id ?? ""])]);
    const eligibility = await grant(at.database, "eligible", one.user.id, one.role.id, at.tree.root.id);
    const requestId = await one.waiting({ eligibilityId: eligibility.id });
    const use = async () => {
      const input = { requestId, durationMinutes: 60, justification: "Down" };
      const proofId = await makeProof(at.database, one.member, breakGlassOperation(input));
      return breakGlass(at.database, one.member, { ...input, proofId });
    };
    await setSettings(at.database, one.role.id, at.tree.root.id, above);
    expect(await use()).toMatchObject(refusedBy("BreakGlassRule"));
    await setSettings(at.database, one.role.id, at.tree.root.id, { ...above, breakGlassMaximumMinutes: 30 });
    expect(await use()).toMatchObject(refusedBy("ExpirationRule"));
    // A level that requires no approval does not count.
    await setSettings(at.database, one.role.id, at.tree.root.id, { ...above, approvalRequired: false });
    expect(await use()).toMatchObject({ ok: true });
  });

  it("meets every other rule: ticket, conflict of times, eligibility", async () => {
    const one = await arrange();
    const tickets = { ...one.settings, activationRequiresTicket: true };
    await setSettings(at.database, one.role.id, at.tree.subscription.id, tickets);
    expect(await one.use()).toMatchObject(refusedBy("TicketingRule", "TicketingRule"));
    await setSettings(at.database, one.role.id, at.tree.subscription.id, one.settings);
    const held = await grant(at.database, "active", one.user.id, one.role.id, at.tree.subscription.id);
    expect(await one.use()).toMatchObject(refusedWith("RoleAssignmentExists"));
    await at.test.asOwner("UPDATE assignments SET ends_at = starts_at WHERE id = $1", [held.id]);
    await at.test.asOwner("UPDATE eligibilities SET ends_at = $2 WHERE id = $1", [one.eligibility.id, now]);
    expect((await one.use()).ok).toBe(false);
    expect(await one.active()).toHaveLength(0);
  });

  it("cannot revive a request that was denied, canceled, timed out or is not theirs", async () => {
    const denied = await arrange();
    const decision = { requestId: denied.requestId, justification: "No", proofId: null };
    expect(await denyRequest(at.database, denied.first, decision)).toMatchObject({ ok: true });
    expect(await denied.use()).toMatchObject(refusedWith("RequestNotPending"));
    const canceled = await arrange();
    await cancelRequest(at.database, canceled.member, { requestId: canceled.requestId, justification: null });
    expect(await canceled.use()).toMatchObject(refusedWith("RequestNotPending"));
    const late = await arrange();
    now = addMinutes(start, 60 * 24 * 3);
    expect(await late.use()).toMatchObject(refusedWith("RequestNotPending"));
    now = start;
    const other = await arrange();
    expect(await other.use({ caller: late.member })).toMatchObject(refusedWith("NotFound"));
    expect(await other.use({ caller: other.first })).toMatchObject(refusedWith("NotFound"));
    expect(await other.use({ caller: at.owner })).toMatchObject(refusedWith("NotFound"));
    for (const one of [denied, canceled, late, other]) expect(await one.active()).toHaveLength(0);
  });

  it("starts now: what asks for a later start is not approved so", async () => {
    const one = await arrangeApproval(at.database, { tree: at.tree, settings: allowed });
    const requestId = await one.waiting({ startsAt: addMinutes(now, 300) });
    const input = { requestId, durationMinutes: 60, justification: "Down" };
    const use = async () =>
      breakGlass(at.database, one.member, {
        ...input,
        proofId: await makeProof(at.database, one.member, breakGlassOperation(input)),
      });
    expect(await use()).toMatchObject(refusedBy("BreakGlassRule"));
    now = addMinutes(now, 301);
    expect(await use()).toMatchObject({ ok: true, startsAt: now });
  });

  it("does not do so again for the role, anywhere, until somebody has closed the review", async () => {
    const one = await arrange();
    const elsewhere = approvedBy([stageOf([one.people[0]?.id ?? ""])], allowed);
    await setSettings(at.database, one.role.id, at.tree.group.id, elsewhere);
    const again = { requestId: await one.waiting({ resourceId: at.tree.group.id }) };
    expect(await one.use()).toMatchObject({ ok: true });
    expect(await one.use(again)).toMatchObject(refusedWith("BreakGlassUnderReview"));
    expect(await one.close(one.first)).toMatchObject({ ok: true });
    expect(await one.use(again)).toMatchObject({ ok: true });
  });

  it("extends it only by approval, and never so", async () => {
    const one = await arrange();
    const used = await one.use();
    if (!used.ok) throw new Error("it was refused");
    const asked = {
      ...{ assignmentId: used.assignmentId, expectedEnd: used.endsAt, endsAt: addMinutes(used.endsAt, 60) },
      ...{ justification: "More", ticketNumber: null, ticketSystem: null },
    };
    const proofId = await makeProof(at.database, one.member, {
      kind: "ExtendActivation",
      assignmentId: asked.assignmentId,
      expectedEnd: asked.expectedEnd.toISOString(),
      endsAt: asked.endsAt.toISOString(),
    });
    const extension = await extendActivation(at.database, one.member, { ...asked, proofId });
    if (!extension.ok) throw new Error(JSON.stringify(extension));
    expect(extension.status).toBe("PendingApproval");
    expect(await one.close(one.first)).toMatchObject({ ok: true });
    expect(await one.use({ requestId: extension.requestId })).toMatchObject(refusedBy("BreakGlassRule"));
  });
});

describe("the review of an emergency", () => {
  it("is closed by an approver or an administrator, never by the member, in whatever group", async () => {
    const one = await arrange({
      settings: allowed,
      stages: (ids) => [stageOf(ids)],
    });
    const group = await makeGroup(at.database, [one.user.id], "Approvers");
    await setSettings(
      at.database,
      one.role.id,
      at.tree.subscription.id,
      approvedBy([stageOf([group.id, ...one.people.map(({ id }) => id)])], allowed),
    );
    const requestId = (await one.read(one.requestId)).id;
    expect(await one.use()).toMatchObject({ ok: true });
    // The emergency itself makes the member an administrator.
    expect(await one.close(one.member)).toMatchObject(refusedWith("OwnRequest"));
    const second = await makeCaller(at.database, one.user);
    expect(await one.close(second)).toMatchObject(refusedWith("OwnRequest"));
    expect(await one.close(await at.person("Sam Stranger"))).toMatchObject(refusedWith("NotFound"));
    expect(await one.close(one.second, { justification: " " })).toMatchObject(refusedBy("JustificationRule"));
    expect(await one.review()).toMatchObject({ closedAt: null });
    expect(await one.close(one.second)).toMatchObject({ ok: true, ended: false });
    expect(await one.review()).toMatchObject({
      ...{ requestId, outcome: "Justified", note: "Seen on the bridge call", closedById: one.second.userId },
    });
    expect(await one.active()).toHaveLength(1);
    expect(await one.close(at.owner)).toMatchObject(refusedWith("RequestNotPending"));
    const other = await arrange();
    await other.use();
    expect(await other.close(at.owner, { outcome: "NotJustified" })).toMatchObject({ ok: true });
  });

  it("can end the activation at that moment, and what waits to extend it", async () => {
    const one = await arrange();
    await one.use();
    now = addMinutes(now, 10);
    expect(await one.close(one.first, { endActivation: true, outcome: "NotJustified" })).toMatchObject({
      ended: true,
    });
    expect(await one.active()).toHaveLength(0);
    const kinds = await at.database.client.auditEvent.findMany({
      where: { targetId: one.user.id, kind: { in: ["ActivationRevoked", "BreakGlassReviewed"] } },
      orderBy: { sequence: "asc" },
    });
    expect(kinds.map(({ kind, actorId }) => [kind, actorId])).toEqual([
      ["ActivationRevoked", one.first.userId],
      ["BreakGlassReviewed", one.first.userId],
    ]);
    const over = await arrange();
    await over.use();
    now = addMinutes(now, 120);
    expect(await over.close(over.first, { endActivation: true })).toMatchObject({ ok: true, ended: false });
  });

  it("is not closed by the member, nor opened again, past the program either", async () => {
    const one = await arrange();
    await one.use();
    const data = { outcome: "Justified", note: "Fine", closedAt: now } as const;
    const where = { requestId: one.requestId };
    const write = (closedById: string) =>
      at.database.client.$transaction((transaction) =>
        transaction.breakGlassReview.update({ where, data: { ...data, closedById } }),
      );
    await expect(write(one.user.id)).rejects.toThrow(/closed_by_another/);
    // Nor by anybody else without an event.
    await expect(write(one.first.userId)).rejects.toThrow(/no event of the log/);
    await one.close(one.first);
    await expect(write(one.second.userId)).rejects.toThrow(/stays so/);
  });

  it("is an alert until it is closed", async () => {
    const one = await arrange();
    await one.use();
    const found = async () =>
      (
        await at.database.client.alert.findMany({ where: { kind: "BreakGlass", subject: one.requestId } })
      ).map(({ resolvedAt, principalId }) => [resolvedAt !== null, principalId]);
    await scanAlerts(at.database);
    expect(await found()).toEqual([[false, one.user.id]]);
    await one.close(one.first);
    now = addMinutes(now, 1);
    await scanAlerts(at.database);
    expect(await found()).toEqual([[true, one.user.id]]);
  });

  it("is asked of approvers and administrators by bell and mail, whatever they switched off", async () => {
    const one = await arrange();
    const people = [one.first.userId, one.second.userId, at.owner.userId];
    for (const userId of people)
      await at.database.client.notificationPreference.upsert({
        where: { userId },
        create: { userId, mutedCategories: ["administration", "requests", "access"] },
        update: {},
      });
    const { notifications } = one.settings;
    const nobody = { defaultRecipients: false, additionalAddresses: [], criticalOnly: true };
    const muted = { Admin: nobody, Requestor: nobody, Approver: nobody };
    await setSettings(at.database, one.role.id, at.tree.subscription.id, {
      ...one.settings,
      notifications: { ...notifications, EndUser_Assignment: muted },
    });
    await one.use();
    await deliverNotifications(at.database, { mail: true });
    const title = { contains: "approved their own request" };
    const bells = await at.database.client.notification.findMany({
      where: { title, href: `/requests/${one.requestId}` },
    });
    const notified = bells.map(({ recipientId }) => recipientId);
    expect(notified).toEqual(expect.arrayContaining(people));
    expect(notified).not.toContain(one.user.id);
    const mails = await at.database.client.mailMessage.findMany({
      where: { recipientId: { in: people }, content: { path: ["title"], string_contains: "Emergency: " } },
    });
    expect(new Set(mails.map(({ recipientId }) => recipientId))).toEqual(new Set(people));
    await one.close(one.first);
    await deliverNotifications(at.database, { mail: true });
    expect(
      await at.database.client.notification.count({
        where: { recipientId: one.user.id, title: { contains: "was reviewed: justified" } },
      }),
    ).toBe(1);
  });
});

describe("what people read of it", () => {
  it("says to the member alone whether and for how long they may, and what holds them back", async () => {
    const one = await arrange();
    const terms = (caller: Caller, requestId = one.requestId) =>
      breakGlassTerms(at.database, caller, requestId);
    expect(await terms(one.member)).toEqual({ longest: 60, underReview: false, resistantOnly: false });
    for (const other of [one.first, at.owner]) expect(await terms(other)).toBeNull();
    expect(await terms((await arrange({})).member)).toBeNull();
    await setSettings(
      at.database,
      one.role.id,
      at.tree.group.id,
      approvedBy([stageOf([one.people[0]?.id ?? ""])], { breakGlassMaximumMinutes: 30 }),
    );
    const next = await one.waiting({ resourceId: at.tree.group.id });
    await one.use();
    expect(await terms(one.member)).toBeNull();
    expect(await terms(one.member, next)).toEqual({ longest: 30, underReview: true, resistantOnly: false });
  });

  it("lists open reviews for whoever may close them, who may then read the request, and for nobody else", async () => {
    const one = await arrange({
      settings: allowed,
      stages: ([first = "", second = ""]) => [stageOf([first]), stageOf([second])],
    });
    const lists = async (caller: Caller) =>
      (await reviewsToClose(at.database, caller, 50)).some(({ requestId }) => requestId === one.requestId);
    const stranger = await at.person("Sam Stranger");
    expect(await lists(one.first)).toBe(false);
    await one.use();
    // The second stage was never asked.
    for (const caller of [one.first, one.second, at.owner]) expect(await lists(caller)).toBe(true);
    // The number in the pane, at the resource and above it, equals the length of the list.
    const counts = async (caller: Caller) => [
      (await countWaitingForMe(at.database, caller)).emergencies,
      ...(await Promise.all(
        [at.tree.root, at.tree.subscription, at.tree.group].map((place) =>
          countReviewsToClose(at.database, caller, place, 100),
        ),
      )),
    ];
    expect(await counts(one.first)).toEqual([1, 1, 1, 0]);
    expect(await counts(stranger)).toEqual([0, 0, 0, 0]);
    for (const caller of [one.member, stranger]) expect(await lists(caller)).toBe(false);
    expect(await oneRequest(at.database, stranger, one.requestId)).toBeNull();
    expect(await oneRequest(at.database, one.second, one.requestId)).toMatchObject({
      request: { emergency: "Open", status: "Provisioned" },
    });
    const read = (caller: Caller) => reviewOf(at.database, caller, one.requestId);
    expect(await read(one.second)).toMatchObject({ active: true, closed: null, mayClose: true });
    expect(await read(one.member)).toMatchObject({ active: true, mayClose: false });
    await one.close(one.second);
    expect(await read(one.first)).toMatchObject({
      closed: { outcome: "Justified", note: "Seen on the bridge call", by: { id: one.second.userId } },
      mayClose: false,
    });
    expect(await lists(one.first)).toBe(false);
  });
});

describe("at the same time", () => {
  const holdRequest = (requestId: string) =>
    holdLock(at.test, "SELECT id FROM requests WHERE id = $1 FOR UPDATE", [requestId]);

  it("an approver denies it, and only one of the two happens", async () => {
    for (const first of ["member", "approver"]) {
      const one = await arrange();
      const lock = await holdRequest(one.requestId);
      const decision = { requestId: one.requestId, justification: "No", proofId: null };
      const both: (() => Promise<{ ok: boolean }>)[] = [
        () => one.use(),
        () => denyRequest(at.database, one.first, decision),
      ];
      if (first === "approver") both.reverse();
      const [one1, two] = both;
      const running = one1?.();
      await lock.waitedFor();
      const other = two?.();
      await lock.waitedFor(2);
      await lock.release();
      const results = [await running, await other];
      expect(results.map((each) => each?.ok)).toEqual([true, false]);
      expect(results[1]).toMatchObject(refusedWith("RequestNotPending"));
      expect(await one.active()).toHaveLength(first === "member" ? 1 : 0);
    }
  });

  it("an approver approves it, and it is active once", async () => {
    const one = await arrange();
    const lock = await holdRequest(one.requestId);
    const decision = { requestId: one.requestId, justification: "Yes", proofId: null };
    const results = await allBehind(lock, [
      () => one.use(),
      () => approveRequest(at.database, one.first, decision),
    ]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await one.active()).toHaveLength(1);
  });

  it("the settings stop allowing it while the code waits: the settings at the commit count", async () => {
    const one = await arrange();
    const lock = await holdPolicy(at.test, one.role.id, at.tree.subscription.id);
    const editing = updateRoleSettings(at.database, at.owner, {
      ...{ roleDefinitionId: one.role.id, resourceId: at.tree.subscription.id, expectedVersion: 1 },
      ...{ settings: { ...one.settings, breakGlassMaximumMinutes: null }, proofId: null },
    });
    await lock.waitedFor();
    const using = one.use();
    await lock.waitedFor(2);
    await lock.release();
    expect(await editing).toMatchObject({ ok: true });
    expect(await using).toMatchObject(refusedBy("BreakGlassRule"));
    expect(await one.active()).toHaveLength(0);
  });

  it("two close the review: one does, the other hears of it", async () => {
    const one = await arrange();
    await one.use();
    const lock = await holdLock(
      at.test,
      "SELECT request_id FROM break_glass_reviews WHERE request_id = $1 FOR UPDATE",
      [one.requestId],
    );
    const results = await allBehind(lock, [() => one.close(one.first), () => one.close(one.second)]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results.find(({ ok }) => !ok)).toMatchObject(refusedWith("RequestNotPending"));
  });
});
