import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import { revokeOrphanedRequests } from "@/lib/operations/requests/revoke-orphaned-requests";
import { listExtensionRequests } from "@/lib/queries/assignments/extension-requests";
import { findAuditEvent } from "@/lib/queries/audit/audit-event";
import { requestsToDecide } from "@/lib/queries/requests/approvals";
import { listPendingRequests } from "@/lib/queries/requests/pending-requests";
import { myRequests } from "@/lib/queries/requests/requests";
import { countWaitingForMe } from "@/lib/queries/requests/waiting-for-me";
import { makeAdministration } from "../../support/administration";
import { arrangeApproval, stageOf } from "../../support/approval";
import { oneAfterTheOther, oneBesideTheOther } from "../../support/database/held-lock";
import { approveRequest } from "../../support/decide-one";
import { grant, makeCaller, makeGroup, makeUser, pastTheRules } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let organisation: Awaited<ReturnType<typeof makeAdministration>>;
beforeAll(async () => {
  organisation = await makeAdministration(() => now);
});
afterAll(() => organisation.test.drop());
beforeEach(() => {
  now = start;
});

const arrange = (options: Parameters<typeof arrangeApproval>[1] = {}) =>
  arrangeApproval(organisation.database, { tree: organisation.tree, ...options });
const approve = (caller: Parameters<typeof approveRequest>[1], requestId: string) =>
  approveRequest(organisation.database, caller, { requestId, justification: "Known outage", proofId: null });
const successes = (requestId: string) =>
  organisation.database.client.auditEvent.findMany({
    where: { requestId, outcome: "Success" },
    orderBy: { sequence: "asc" },
  });
const kinds = async (requestId: string) => (await successes(requestId)).map(({ kind }) => kind);
const waitingFor = async (caller: Parameters<typeof requestsToDecide>[1]) => ({
  listed: (await requestsToDecide(organisation.database, caller, { search: "", after: null })).rows.length,
  counted: (await countWaitingForMe(organisation.database, caller)).activations,
});
const nobody = { listed: 0, counted: 0 };

/** A request that depends on an eligibility of a group which the member is in, through a second group. */
async function throughGroups() {
  const { database, tree } = organisation;
  const one = await arrange();
  await pastTheRules(database, (to) =>
    to.eligibility.update({ where: { id: one.eligibility.id }, data: { endsAt: start } }),
  );
  const inner = await makeGroup(database, [one.user.id], "Inner");
  const outer = await makeGroup(database, [], "Outer");
  await database.client.groupMember.create({ data: { groupId: outer.id, memberId: inner.id } });
  const eligibility = await grant(database, "eligible", outer.id, one.role.id, tree.subscription.id);
  const id = await one.waiting({ eligibilityId: eligibility.id });
  return { ...one, inner, outer, eligibility, id };
}

describe("a request whose access is taken away", () => {
  it("is revoked with the eligibility's removal, logged, and reported to its member and whom it asked", async () => {
    const { database, owner } = organisation;
    const { waiting, eligibility, first, read, user, people, member } = await arrange();
    const id = await waiting();
    await deliverNotifications(database, { mail: true });
    expect(await waitingFor(first)).toEqual({ listed: 1, counted: 1 });
    const removal = {
      assignmentType: "Eligible" as const,
      id: eligibility.id,
      justification: "Left the team",
    };
    expect(await removeAssignment(database, owner, removal)).toMatchObject({ ok: true });
    expect(await read(id)).toMatchObject({
      status: "Revoked",
      completedAt: now,
      failureReasons: ["The eligibility was removed."],
      approval: { closedAt: now },
    });
    const events = await successes(id);
    expect(events.map(({ kind }) => kind)).toEqual(["ActivationRequested", "RequestRevoked"]);
    expect(events[1]).toMatchObject({
      actorId: owner.userId,
      targetId: user.id,
      eligibilityId: eligibility.id,
    });
    expect(await waitingFor(first)).toEqual(nobody);
    expect(await approve(first, id)).toMatchObject({ error: { code: "RequestNotPending" } });
    expect(await revokeOrphanedRequests(database)).toBe(0);

    await deliverNotifications(database, { mail: true });
    const about = { subjectKey: `event:${events[1]?.id}` };
    const shown = await database.client.notification.findMany({ where: about });
    const concerned = [user.id, ...people.map((person) => person.id)].sort();
    expect(shown.map(({ recipientId }) => recipientId).sort()).toEqual(concerned);
    expect(shown.find(({ recipientId }) => recipientId === member.userId)).toMatchObject({
      title: "Your request to activate User Access Administrator on Production was revoked",
      body: "The eligibility was removed.",
    });
    const mailed = await database.client.mailMessage.findMany({ where: about });
    expect(mailed.map(({ recipientId }) => recipientId).sort()).toEqual(concerned);
  });

  it("is revoked when its member leaves the group that is eligible, at whatever level", async () => {
    const { database, owner } = organisation;
    for (const leave of ["inner", "outer"] as const) {
      const { id, inner, outer, user, first, read } = await throughGroups();
      const removal =
        leave === "inner"
          ? { groupId: inner.id, memberId: user.id }
          : { groupId: outer.id, memberId: inner.id };
      const result = await removeGroupMember(database, owner, { ...removal, justification: null });
      expect(result).toMatchObject({ ok: true });
      expect(await read(id)).toMatchObject({
        status: "Revoked",
        failureReasons: ["The member is no longer in a group that is eligible."],
      });
      expect(await kinds(id)).toEqual(["ActivationRequested", "RequestRevoked"]);
      expect(await waitingFor(first)).toEqual(nobody);
    }
  });

  it("is kept when the member has the group in another way still", async () => {
    const { database, owner } = organisation;
    const { id, inner, outer, user, read, first } = await throughGroups();
    await database.client.groupMember.create({ data: { groupId: outer.id, memberId: user.id } });
    const removal = { groupId: inner.id, memberId: user.id, justification: null };
    expect(await removeGroupMember(database, owner, removal)).toMatchObject({ ok: true });
    expect((await read(id)).status).toBe("PendingApproval");
    expect(await approve(first, id)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("is settled when its member is disabled, requests for more time and planned activations too", async () => {
    const { database, owner, tree } = organisation;
    const { waiting, ask, user, member, role, first, read } = await arrange();
    const id = await waiting();
    const other = await arrange();
    const endsAt = addDays(start, 3);
    const ending = await grant(database, "eligible", user.id, other.role.id, tree.subscription.id, {
      endsAt,
    });
    const asked = await requestExtension(database, member, {
      assignmentType: "Eligible",
      id: ending.id,
      endsAt: addDays(start, 30),
      justification: "Still on call",
    });
    if (!asked.ok) throw new Error(JSON.stringify(asked));
    const planned = await ask({
      eligibilityId: (await grant(database, "eligible", user.id, role.id, tree.group.id)).id,
      resourceId: tree.group.id,
      startsAt: addMinutes(start, 120),
    });
    if (!planned.ok || planned.status !== "ScheduleCreated") throw new Error(JSON.stringify(planned));
    const later = planned.requestId;
    const list = () => listExtensionRequests(database, owner, { resourceId: null, after: null });
    expect((await list()).rows.map((row) => row.id)).toContain(asked.requestId);

    const change = { principalId: user.id, justification: "Left" };
    expect(await disablePrincipal(database, owner, change)).toMatchObject({ ok: true });
    expect((await read(id)).status).toBe("Revoked");
    expect((await read(asked.requestId)).status).toBe("Canceled");
    expect((await read(later)).status).toBe("Canceled");
    expect(await kinds(asked.requestId)).toEqual(["ExtensionRequested", "ExtensionCanceled"]);
    expect((await list()).rows.map((row) => row.id)).not.toContain(asked.requestId);
    expect(await waitingFor(first)).toEqual(nobody);

    // Enabled again, the member asks anew: none of the waiting requests is restored.
    const operation = { kind: "EnablePrincipal" as const, principalId: user.id };
    const proofId = await organisation.prove(operation);
    expect(await enablePrincipal(database, owner, { ...change, proofId })).toMatchObject({ ok: true });
    expect(await waitingFor(first)).toEqual(nobody);
    await waiting({ caller: await makeCaller(database, user) });
    expect(await waitingFor(first)).toEqual({ listed: 1, counted: 1 });
  });
});

describe("a request whose access ends without anybody's doing", () => {
  it("is approvable to the moment, looks revoked from then on, and is settled once by the sweep", async () => {
    const { database, owner } = organisation;
    const { waiting, eligibility, first, read, member } = await arrange();
    const id = await waiting();
    const until = addMinutes(start, 300);
    await pastTheRules(database, (to) =>
      to.eligibility.update({ where: { id: eligibility.id }, data: { endsAt: until } }),
    );
    now = addMinutes(until, -1);
    expect(await waitingFor(first)).toEqual({ listed: 1, counted: 1 });
    expect(await revokeOrphanedRequests(database)).toBe(0);

    now = until;
    expect(await waitingFor(first)).toEqual(nobody);
    expect(await approve(first, id)).toMatchObject({ error: { code: "RequestNotPending" } });
    expect((await read(id)).status).toBe("PendingApproval");
    const mine = await myRequests(database, member, { before: null, waiting: false });
    expect(mine[0]).toMatchObject({ id, status: "Revoked", failureReasons: ["The eligibility has ended."] });
    expect(await myRequests(database, member, { before: null, waiting: true })).toEqual([]);
    const pending = await listPendingRequests(database, owner, { resourceId: null, below: true }, null);
    expect(pending?.rows.map((row) => row.id)).not.toContain(id);
    const [requested] = await successes(id);
    expect(await findAuditEvent(database, owner, requested?.id ?? "")).toMatchObject({
      requestStatus: "Revoked",
    });

    const sweeps = await oneBesideTheOther(
      organisation.test,
      () => revokeOrphanedRequests(database),
      () => revokeOrphanedRequests(database),
    );
    expect(sweeps.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await read(id)).toMatchObject({
      status: "Revoked",
      failureReasons: ["The eligibility has ended."],
    });
    expect(await kinds(id)).toEqual(["ActivationRequested", "RequestRevoked"]);
    expect((await successes(id))[1]).toMatchObject({ actorId: null });
  });

  it("makes way for another at once", async () => {
    const { database, tree } = organisation;
    const { waiting, eligibility, user, role, read } = await arrange();
    const id = await waiting();
    await pastTheRules(database, (to) =>
      to.eligibility.update({
        where: { id: eligibility.id },
        data: { endsAt: addMinutes(start, 10) },
      }),
    );
    now = addMinutes(start, 11);
    const again = await grant(database, "eligible", user.id, role.id, tree.subscription.id, {
      startsAt: now,
    });
    const other = await waiting({ eligibilityId: again.id });
    expect((await read(id)).status).toBe("Revoked");
    expect((await read(other)).status).toBe("PendingApproval");
    expect(await kinds(id)).toEqual(["ActivationRequested", "RequestRevoked"]);
  });

  it("is revoked by the sweep when a group between member and eligibility is disabled past every operation", async () => {
    const { database } = organisation;
    const { id, outer, read, first, member } = await throughGroups();
    const { role } = await arrange();
    const endsAt = addDays(start, 3);
    const place = organisation.tree.subscription.id;
    const ending = await grant(database, "eligible", outer.id, role.id, place, { endsAt });
    const asked = await requestExtension(database, member, {
      assignmentType: "Eligible",
      id: ending.id,
      endsAt: addDays(start, 30),
      justification: "Still on call",
    });
    await database.client.principal.update({ where: { id: outer.id }, data: { disabledAt: now } });
    expect(await waitingFor(first)).toEqual(nobody);
    const reasons = ["The member is no longer in a group that is eligible."];
    const shown = await myRequests(database, member, { before: null, waiting: false });
    expect(shown.find((each) => each.id === id)).toMatchObject({
      status: "Revoked",
      failureReasons: reasons,
    });
    const proposal = asked.ok ? asked.requestId : "refused";
    expect(shown.find((each) => each.id === proposal)).toMatchObject({ status: "Canceled" });
    await revokeOrphanedRequests(database);
    await revokeOrphanedRequests(database);
    expect(await read(id)).toMatchObject({ status: "Revoked", failureReasons: reasons });
    expect((await read(proposal)).status).toBe("Canceled");
    expect(await kinds(id)).toEqual(["ActivationRequested", "RequestRevoked"]);
  });

  it("has timed out where that came first", async () => {
    const { database } = organisation;
    const { waiting, eligibility, read } = await arrange({
      stages: (ids) => [stageOf(ids, { timeoutHours: 1 })],
    });
    const id = await waiting();
    await pastTheRules(database, (to) =>
      to.eligibility.update({
        where: { id: eligibility.id },
        data: { endsAt: addMinutes(start, 120) },
      }),
    );
    now = addMinutes(start, 180);
    expect(await revokeOrphanedRequests(database)).toBe(0);
    expect((await read(id)).status).toBe("PendingApproval");
  });
});

it("an approval and a removal at once end in one activation that is cut, or in one revoked request", async () => {
  const { database, owner } = organisation;
  for (const leading of ["first", "second"] as const) {
    const { waiting, eligibility, first, read } = await arrange();
    const id = await waiting();
    const removal = { assignmentType: "Eligible" as const, id: eligibility.id, justification: null };
    const approving = () => approve(first, id);
    const removing = () => removeAssignment(database, owner, removal);
    const [approved, removed] = await oneAfterTheOther(organisation.test, approving, removing, leading);
    expect(approved.ok).toBe(leading === "first");
    expect(removed).toMatchObject({ ok: true });
    const { status } = await read(id);
    expect(status).toBe(approved.ok ? "Provisioned" : "Revoked");
    const left = await database.client.assignment.count({
      where: { eligibilityId: eligibility.id, endsAt: { gt: now } },
    });
    expect(left).toBe(0);
  }
});

it("a stranger's request looks like an unknown one by being orphaned", async () => {
  const { database } = organisation;
  const { waiting, user } = await arrange();
  const id = await waiting();
  await database.client.principal.update({ where: { id: user.id }, data: { disabledAt: now } });
  const stranger = await makeCaller(database, await makeUser(database));
  expect(await approve(stranger, id)).toMatchObject({ error: { code: "NotFound" } });
});
