import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { may } from "@/lib/authority/authority";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import { assignRole } from "@/lib/operations/assignments/assign-role";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import { decideRequests } from "@/lib/operations/requests/decide-requests";
import { timeOutRequests } from "@/lib/operations/requests/time-out-requests";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { type Administration, makeAdministration } from "../../support/administration";
import { arrangeApproval, setSettings, stageOf } from "../../support/approval";
import { oneAfterTheOther, oneBesideTheOther } from "../../support/database/held-lock";
import { approveRequest } from "../../support/decide-one";
import { grant, makeCaller, makeRole, makeUser } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let test: Administration["test"];
let tree: Administration["tree"];
let owner: Caller;
beforeAll(async () => {
  ({ test, tree, owner } = await makeAdministration(() => now));
});
afterAll(() => test.drop());
beforeEach(() => {
  now = start;
});

const arrange = (options: Parameters<typeof arrangeApproval>[1] = {}) =>
  arrangeApproval(test.database, { tree, ...options });
const approve = (caller: Caller, requestId: string) =>
  approveRequest(test.database, caller, { requestId, justification: "Known outage", proofId: null });
const cancel = (caller: Caller, requestId: string) =>
  cancelRequest(test.database, caller, { requestId, justification: null });
const kinds = async (requestId: string) =>
  (
    await test.database.client.auditEvent.findMany({
      where: { requestId, outcome: "Success" },
      orderBy: { sequence: "asc" },
    })
  ).map((event) => event.kind);
const holds = (userId: string) =>
  inTransaction(test.database, (transaction) =>
    may(transaction, userId, "Microsoft.Authorization/roleManagementPolicies/write", tree.subscription.id),
  );

describe("time-outs", () => {
  it("count by reading: to the moment, nobody may decide any more, and the member may ask again", async () => {
    const { waiting, first, read } = await arrange();
    const id = await waiting();
    now = addMinutes(start, 24 * 60);
    expect(await approve(first, id)).toMatchObject({ error: { code: "RequestNotPending" } });
    expect((await read(id)).status).toBe("PendingApproval");
    const again = await waiting();
    expect(await read(id)).toMatchObject({ status: "TimedOut", completedAt: now });
    expect(await kinds(id)).toEqual(["ActivationRequested", "RequestTimedOut"]);
    expect(await approve(first, again)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("are written down once, by whichever worker comes first, at the moment they were", async () => {
    const { waiting, read } = await arrange();
    const id = await waiting();
    now = addMinutes(start, 24 * 60 - 1);
    await timeOutRequests(test.database);
    expect((await read(id)).status).toBe("PendingApproval");
    now = addDays(start, 3);
    await oneBesideTheOther(
      test,
      () => timeOutRequests(test.database),
      () => timeOutRequests(test.database),
    );
    await timeOutRequests(test.database);
    expect(await read(id)).toMatchObject({ status: "TimedOut", completedAt: addDays(start, 1) });
    expect(await kinds(id)).toEqual(["ActivationRequested", "RequestTimedOut"]);
    const event = await test.database.client.auditEvent.findFirstOrThrow({
      where: { requestId: id, kind: "RequestTimedOut" },
    });
    expect(event).toMatchObject({ actorId: null, details: { timedOutAt: addDays(start, 1).toISOString() } });
  });

  it("let the escalation approvers decide first, for as long again", async () => {
    const deputy = await makeUser(test.database, "Dora Deputy");
    const { waiting, read, first } = await arrange({
      stages: (ids) => [stageOf(ids, { timeoutHours: 2, escalationApproverIds: [deputy.id] })],
    });
    const caller = await makeCaller(test.database, deputy);
    const [escalated, lost] = [await waiting(), await (await arrange()).waiting()];
    expect(lost).not.toBe(escalated);
    expect(await approve(caller, escalated)).toMatchObject({ error: { code: "AuthorizationFailed" } });
    now = addMinutes(start, 120);
    await timeOutRequests(test.database);
    await timeOutRequests(test.database);
    expect(await kinds(escalated)).toEqual(["ActivationRequested", "RequestEscalated"]);
    expect((await read(escalated)).status).toBe("PendingApproval");
    now = addMinutes(start, 239);
    expect(await approve(caller, escalated)).toMatchObject({ ok: true, status: "Provisioned" });
    const other = await arrange({
      stages: (ids) => [stageOf(ids, { timeoutHours: 2, escalationApproverIds: [deputy.id] })],
    });
    const second = await other.waiting();
    now = addMinutes(now, 240);
    for (const late of [caller, other.first])
      expect(await approve(late, second)).toMatchObject({ error: { code: "RequestNotPending" } });
    expect(await approve(first, second)).toMatchObject({ error: { code: "NotFound" } });
  });
});

describe("canceling", () => {
  it("is the requestor's and the administrators', who say nothing to anybody else", async () => {
    const { waiting, member, read, first } = await arrange();
    const id = await waiting();
    const stranger = await makeCaller(test.database, await makeUser(test.database));
    expect(await cancel(stranger, id)).toMatchObject({ error: { code: "NotFound" } });
    expect(await cancel(first, id)).toMatchObject({ error: { code: "NotFound" } });
    const reader = await makeRole(test.database, "Reader", { actions: ["*/read"] });
    const auditor = await makeUser(test.database);
    await grant(test.database, "active", auditor.id, reader.id, tree.root.id);
    expect(await cancel(await makeCaller(test.database, auditor), id)).toMatchObject({
      error: { code: "AuthorizationFailed" },
    });
    expect(await cancel(member, id)).toMatchObject({ ok: true });
    expect(await read(id)).toMatchObject({ status: "Canceled", completedAt: now });
    expect(await cancel(member, id)).toMatchObject({ error: { code: "RequestNotPending" } });
    const again = await waiting();
    expect(await cancel(owner, again)).toMatchObject({ ok: true });
    expect(await kinds(again)).toEqual(["ActivationRequested", "RequestCanceled"]);
  });

  it("and approving at once end in one of the two", async () => {
    for (const leading of ["first", "second"] as const) {
      const { waiting, first, member, user, read } = await arrange();
      const id = await waiting();
      const approving = () => approve(first, id);
      const canceling = () => cancel(member, id);
      const results = await oneAfterTheOther(test, approving, canceling, leading);
      expect(results.filter((result) => result.ok)).toHaveLength(1);
      const given = await test.database.client.assignment.count({ where: { principalId: user.id } });
      expect([(await read(id)).status, given]).toEqual(
        leading === "first" ? ["Provisioned", 1] : ["Canceled", 0],
      );
    }
  });
});

describe("a later start", () => {
  async function scheduled() {
    const arranged = await arrange();
    const { role, settings, ask } = arranged;
    await setSettings(test.database, role.id, tree.subscription.id, { ...settings, approvalRequired: false });
    const result = await ask({ startsAt: addMinutes(start, 600), durationMinutes: 480 });
    if (!result.ok || result.status !== "ScheduleCreated") throw new Error(JSON.stringify(result));
    return { ...arranged, ...result };
  }

  it("does not count against the maximum, is held from its moment on, and ends by the clock", async () => {
    const { user, endsAt } = await scheduled();
    expect(endsAt).toEqual(addMinutes(start, 1080));
    now = addMinutes(start, 599);
    expect(await holds(user.id)).toBe(false);
    now = addMinutes(start, 600);
    expect(await holds(user.id)).toBe(true);
    now = endsAt;
    expect(await holds(user.id)).toBe(false);
  });

  it("is canceled before it is reached by the member and by administrators, and never begins", async () => {
    for (const by of ["member", "owner", "deactivation", "removal", "removed eligibility"] as const) {
      now = start;
      const { user, member, requestId, assignmentId, eligibility, read, ask } = await scheduled();
      const result = await {
        member: () => cancel(member, requestId),
        owner: () => cancel(owner, requestId),
        deactivation: () => deactivateRole(test.database, member, { assignmentId }),
        removal: () =>
          removeAssignment(test.database, owner, {
            assignmentType: "Active",
            id: assignmentId,
            justification: null,
          }),
        "removed eligibility": () =>
          removeAssignment(test.database, owner, {
            assignmentType: "Eligible",
            id: eligibility.id,
            justification: null,
          }),
      }[by]();
      expect(result, by).toMatchObject({ ok: true });
      expect((await read(requestId)).status, by).toBe("Canceled");
      if (by === "member") expect(await ask()).toMatchObject({ ok: true, status: "Provisioned" });
      now = addMinutes(start, 601);
      expect(await holds(user.id), by).toBe(false);
      expect(await cancel(member, requestId), by).toMatchObject({ error: { code: "RequestNotPending" } });
    }
  });

  it("is not canceled once it is reached", async () => {
    const { member, requestId, read, user } = await scheduled();
    now = addMinutes(start, 600);
    expect(await cancel(member, requestId)).toMatchObject({ error: { code: "RequestNotPending" } });
    expect((await read(requestId)).status).toBe("ScheduleCreated");
    expect(await holds(user.id)).toBe(true);
  });

  it("of an assignment is canceled with it, and its request does not count as carried out", async () => {
    const { role, user } = await arrange();
    const result = await assignRole(test.database, owner, {
      assignmentType: "Active",
      roleDefinitionId: role.id,
      resourceId: tree.subscription.id,
      principalIds: [user.id],
      startsAt: addDays(start, 2),
      endsAt: addDays(start, 4),
      justification: "Cover",
      proofId: null,
    });
    const [requestId = ""] = result.ok ? result.requestIds : [];
    const request = await test.database.client.request.findUniqueOrThrow({ where: { id: requestId } });
    await removeAssignment(test.database, owner, {
      assignmentType: "Active",
      id: request.assignmentId ?? "",
      justification: null,
    });
    now = addDays(start, 3);
    expect(await holds(user.id)).toBe(false);
    expect(await test.database.client.request.findUniqueOrThrow({ where: { id: requestId } })).toMatchObject({
      status: "Canceled",
    });
  });
});

describe("several decisions at once", () => {
  it("each succeed or fail on their own, with one reason and one proof", async () => {
    const one = await arrange({ settings: { approvalRequiresStepUp: true } });
    const id = await one.waiting();
    const others = await Promise.all([arrange(), arrange()]);
    const ids = [id];
    for (const other of others) {
      await setSettings(test.database, other.role.id, tree.subscription.id, {
        ...one.settings,
        approvalRequiresStepUp: true,
      });
      ids.push(await other.waiting());
    }
    const [, second = "", third = ""] = ids;
    await cancel(owner, third);
    const strange = "00000000-0000-4000-8000-000000000000";
    const asked = [...ids, strange];
    const decide = (proofId: string | null) =>
      decideRequests(test.database, one.first, {
        requestIds: asked,
        decision: "Approve",
        justification: "All known",
        proofId,
      });
    const unproved = await decide(null);
    expect(unproved.map((result) => !result.ok && result.error.code)).toEqual([
      "RoleAssignmentRequestPolicyValidationFailed",
      "RoleAssignmentRequestPolicyValidationFailed",
      "RequestNotPending",
      "NotFound",
    ]);
    const proofId = await one.prove(one.first, "Approve", asked);
    const outcomes = await decide(proofId);
    expect(outcomes.map((result) => (result.ok ? result.requestId : result.error.code))).toEqual([
      id,
      second,
      "RequestNotPending",
      "NotFound",
    ]);
    expect(outcomes.map((result) => (result.ok ? result.status : result.error.code))).toEqual([
      "Provisioned",
      "Provisioned",
      "RequestNotPending",
      "NotFound",
    ]);
    expect(await kinds(second)).toEqual(["ActivationRequested", "RequestApproved", "RoleActivated"]);
    const refused = await test.database.client.auditEvent.count({
      where: { actorId: one.first.userId, kind: "RequestApproved", outcome: "Failure" },
    });
    expect(refused).toBe(6);
  });
});
