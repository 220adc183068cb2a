import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { may } from "@/lib/authority/authority";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { type Administration, makeAdministration } from "../../support/administration";
import { approvedBy, arrangeApproval, setSettings, stageOf } from "../../support/approval";
import { atOnce, oneAfterTheOther } from "../../support/database/held-lock";
import { approveRequest, denyRequest } from "../../support/decide-one";
import {
  grant,
  makeCaller,
  makeGroup,
  makeProof,
  makeRole,
  makeUser,
  pastTheRules,
} from "../../support/factories";

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
const yes = (requestId: string, proofId: string | null = null) => ({
  requestId,
  justification: "Known outage",
  proofId,
});
const approve = (caller: Caller, requestId: string, proofId: string | null = null) =>
  approveRequest(test.database, caller, yes(requestId, proofId));
const deny = (caller: Caller, requestId: string) => denyRequest(test.database, caller, yes(requestId));
const holds = (userId: string) =>
  inTransaction(test.database, (transaction) =>
    may(transaction, userId, "Microsoft.Authorization/roleManagementPolicies/write", tree.subscription.id),
  );
const events = (requestId: string) =>
  test.database.client.auditEvent.findMany({ where: { requestId }, orderBy: { sequence: "asc" } });
const notFound = { ok: false, error: { code: "NotFound" } };

describe("asking", () => {
  it("spends the member's proof, gives nothing yet, and logs what is asked", async () => {
    const { ask, user, read } = await arrange();
    const result = await ask();
    expect(result).toMatchObject({ ok: true, status: "PendingApproval", expiresAt: addDays(start, 1) });
    if (!result.ok) return;
    expect(await holds(user.id)).toBe(false);
    const request = await read(result.requestId);
    expect(request).toMatchObject({ status: "PendingApproval", assignmentId: null, durationMinutes: 60 });
    const proof = await test.database.client.stepUpProof.findUniqueOrThrow({
      where: { id: request.proofId ?? "" },
    });
    expect(proof.spentAt).toEqual(start);
    expect(await events(request.id)).toMatchObject([
      { kind: "ActivationRequested", outcome: "Success", factor: "Totp", justification: "Fix the outage" },
    ]);
  });

  it("is held to every other rule first, and leaves no request when one fails", async () => {
    const { ask, user } = await arrange();
    expect(await ask({ proved: false })).toMatchObject({
      error: { failures: [{ rule: "MfaRule" }] },
    });
    expect(await test.database.client.request.count({ where: { requestorId: user.id } })).toBe(0);
  });

  it("lets one request of twenty at once wait, and no second one later", async () => {
    const { ask, user } = await arrange();
    const results = await atOnce(
      test,
      Array.from({ length: 20 }, () => () => ask()),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    for (const result of results)
      if (!result.ok) expect(result.error.code).toBe("PendingRoleAssignmentRequest");
    expect(await ask()).toMatchObject({ error: { code: "PendingRoleAssignmentRequest" } });
    expect(await test.database.client.request.count({ where: { requestorId: user.id } })).toBe(1);
    const row = await test.database.client.request.findFirstOrThrow({ where: { requestorId: user.id } });
    const { id: _, policy: _p, ...copy } = row;
    await expect(test.database.client.request.create({ data: { ...copy, proofId: null } })).rejects.toThrow();
  });

  it("lets one of two at once wait that rest on two eligibilities", async () => {
    const { ask, user, role } = await arrange();
    const group = await makeGroup(test.database, [user.id]);
    const through = await grant(test.database, "eligible", group.id, role.id, tree.subscription.id);
    const results = await atOnce(test, [() => ask(), () => ask({ eligibilityId: through.id })]);
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(results.find((result) => !result.ok)).toMatchObject({
      error: { code: "PendingRoleAssignmentRequest" },
    });
  });

  it("takes both scopes' approvals for a narrower scope", async () => {
    const { waiting, role, first } = await arrange({ stages: ([one]) => [stageOf([one ?? ""])] });
    const third = await makeUser(test.database, "Carl Approver");
    await setSettings(test.database, role.id, tree.group.id, approvedBy([stageOf([third.id])]));
    const id = await waiting({ resourceId: tree.group.id });
    expect(await approve(first, id)).toMatchObject({ ok: true, status: "PendingApproval" });
    const caller = await makeCaller(test.database, third);
    expect(await approve(caller, id)).toMatchObject({ ok: true, status: "Provisioned" });
  });
});

describe("deciding", () => {
  it("gives the role from the moment of the last approval, for the whole duration", async () => {
    const { waiting, first, user, read } = await arrange();
    const id = await waiting();
    now = addMinutes(start, 300);
    expect(await approve(first, id)).toMatchObject({ ok: true, status: "Provisioned", reasons: [] });
    const request = await read(id);
    expect(request).toMatchObject({ status: "Provisioned", startsAt: now, endsAt: addMinutes(now, 60) });
    expect(request.decisions).toMatchObject([
      { decision: "Approve", deciderId: first.userId, asAdministrator: false, justification: "Known outage" },
    ]);
    expect(await holds(user.id)).toBe(true);
    const logged = await events(id);
    expect(logged.map((event) => [event.kind, event.actorId])).toEqual([
      ["ActivationRequested", user.id],
      ["RequestApproved", first.userId],
      ["RoleActivated", user.id],
    ]);
    expect(logged[2]).toMatchObject({ factor: "Totp", ipAddress: null, assignmentId: request.assignmentId });
    now = addMinutes(now, 60);
    expect(await holds(user.id)).toBe(false);
  });

  it("keeps to a later start, which the wait for approval does not move", async () => {
    const { waiting, first, read, user } = await arrange();
    const later = addMinutes(start, 240);
    const id = await waiting({ startsAt: later });
    expect(await approve(first, id)).toMatchObject({ ok: true, status: "ScheduleCreated" });
    expect(await read(id)).toMatchObject({ startsAt: later, endsAt: addMinutes(later, 60) });
    expect(await holds(user.id)).toBe(false);
    now = later;
    expect(await holds(user.id)).toBe(true);
  });

  it("begins at the approval when that comes after the start that was asked for", async () => {
    const { waiting, first, read } = await arrange();
    const id = await waiting({ startsAt: addMinutes(start, 60) });
    now = addMinutes(start, 90);
    await approve(first, id);
    expect(await read(id)).toMatchObject({ startsAt: now, endsAt: addMinutes(now, 60) });
  });

  it("ends with one denial, which needs a reason as an approval does", async () => {
    const { waiting, first, second, read, user } = await arrange();
    const id = await waiting();
    for (const decide of [approveRequest, denyRequest])
      expect(
        await decide(test.database, first, { requestId: id, justification: " ", proofId: null }),
      ).toMatchObject({ error: { failures: [{ rule: "JustificationRule" }] } });
    expect(await deny(first, id)).toMatchObject({ ok: true, status: "Denied" });
    expect(await approve(second, id)).toMatchObject({ error: { code: "RequestNotPending" } });
    expect((await read(id)).status).toBe("Denied");
    expect(await holds(user.id)).toBe(false);
  });

  it("takes every stage in order, and in each as many as it says", async () => {
    const third = await makeUser(test.database, "Carl Approver");
    const { waiting, first, second, read } = await arrange({
      stages: (ids) => [stageOf(ids, { approvalsNeeded: 2 }), stageOf([third.id])],
    });
    const last = await makeCaller(test.database, third);
    const id = await waiting();
    expect(await approve(last, id)).toMatchObject({ error: { code: "AuthorizationFailed" } });
    expect(await approve(first, id)).toMatchObject({ ok: true, status: "PendingApproval" });
    expect(await approve(first, id)).toMatchObject({ error: { code: "AuthorizationFailed" } });
    now = addMinutes(start, 30);
    expect(await approve(second, id)).toMatchObject({ ok: true, status: "PendingApproval" });
    expect((await read(id)).approval).toMatchObject({ stage: 1, openedAt: now, givenBy: [] });
    expect(await approve(second, id)).toMatchObject({ error: { code: "AuthorizationFailed" } });
    expect(await approve(last, id)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("takes a proof of the approver where the settings ask for one, for that decision alone", async () => {
    const { waiting, first, second, prove } = await arrange({ settings: { approvalRequiresStepUp: true } });
    const id = await waiting();
    const mfa = { error: { failures: [{ rule: "MfaRule" }] } };
    expect(await approve(first, id)).toMatchObject(mfa);
    expect(await approve(first, id, await prove(first, "Deny", [id]))).toMatchObject(mfa);
    expect(await approve(first, id, await prove(second, "Approve", [id]))).toMatchObject(mfa);
    const proofId = await prove(first, "Approve", [id]);
    expect(await approve(first, id, proofId)).toMatchObject({ ok: true, status: "Provisioned" });
    const event = await test.database.client.auditEvent.findFirstOrThrow({
      where: { requestId: id, kind: "RequestApproved", outcome: "Success" },
    });
    expect(event).toMatchObject({ factor: "Totp", proofId });
  });
});

describe("who decides", () => {
  it("is nobody who asked, or who is not asked; to strangers the request does not exist", async () => {
    const { waiting, member, user, read, role } = await arrange();
    await setSettings(
      test.database,
      role.id,
      tree.subscription.id,
      approvedBy([stageOf([user.id, owner.userId])]),
    );
    const id = await waiting();
    expect(await approve(member, id)).toMatchObject({ error: { code: "OwnRequest" } });
    const stranger = await makeCaller(test.database, await makeUser(test.database, "Sam Stranger"));
    expect(await approve(stranger, id)).toMatchObject(notFound);
    expect(await approve(stranger, "00000000-0000-4000-8000-000000000000")).toMatchObject(notFound);
    expect((await read(id)).status).toBe("PendingApproval");
    const refusals = await test.database.client.auditEvent.findMany({
      where: { actorId: stranger.userId, kind: "RequestApproved" },
    });
    expect(refusals.map((event) => event.outcome)).toEqual(["Failure", "Failure"]);
  });

  it("is a member of a group that is asked, for as long as they are one", async () => {
    const approver = await makeUser(test.database, "Gina Group");
    const inner = await makeGroup(test.database, [approver.id], "Night shift");
    const group = await makeGroup(test.database, [inner.id], "Approvers");
    const other = await makeUser(test.database);
    await test.database.client.groupMember.create({ data: { groupId: inner.id, memberId: other.id } });
    const { waiting } = await arrange({ stages: () => [stageOf([group.id])] });
    const caller = await makeCaller(test.database, approver);
    const first = await waiting();
    await test.database.client.groupMember.delete({
      where: { groupId_memberId: { groupId: inner.id, memberId: approver.id } },
    });
    expect(await approve(caller, first)).toMatchObject(notFound);
    await test.database.client.groupMember.create({ data: { groupId: inner.id, memberId: approver.id } });
    expect(await approve(caller, first)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("is never somebody disabled", async () => {
    const { waiting, first, people } = await arrange();
    const id = await waiting();
    await test.database.client.principal.update({
      where: { id: people[0]?.id ?? "" },
      data: { disabledAt: now },
    });
    expect(await approve(first, id)).toMatchObject(notFound);
  });

  it("is an active administrator where too few approvers are able, and only then", async () => {
    const { waiting, people, read } = await arrange();
    const id = await waiting();
    expect(await approve(owner, id)).toMatchObject(notFound);
    for (const { id: principalId } of people)
      await test.database.client.principal.update({ where: { id: principalId }, data: { disabledAt: now } });
    const role = await makeRole(test.database, "Reader", { actions: ["*/read"] });
    const reader = await makeUser(test.database, "Rex Reader");
    await grant(test.database, "active", reader.id, role.id, tree.root.id);
    expect(await approve(await makeCaller(test.database, reader), id)).toMatchObject(notFound);
    expect(await approve(owner, id)).toMatchObject({ ok: true, status: "Provisioned" });
    expect((await read(id)).decisions).toMatchObject([{ asAdministrator: true }]);
  });

  it("is no administrator for a request of their own, though nobody else is able", async () => {
    const { waiting, people, role, user, member } = await arrange();
    for (const { id } of people)
      await test.database.client.principal.update({ where: { id }, data: { disabledAt: now } });
    const id = await waiting();
    await grant(test.database, "active", user.id, role.id, tree.root.id);
    expect(await holds(user.id)).toBe(true);
    expect(await approve(member, id)).toMatchObject({ error: { code: "OwnRequest" } });
  });

  it("changes with the settings while a request waits, the approvals of a changed stage being asked anew", async () => {
    const replacement = await makeUser(test.database, "Nora New");
    const { waiting, first, second, role, read, settings } = await arrange({
      stages: (ids) => [stageOf(ids, { approvalsNeeded: 2 })],
    });
    const id = await waiting();
    expect(await approve(first, id)).toMatchObject({ ok: true, status: "PendingApproval" });
    now = addMinutes(start, 60);
    const target = { roleDefinitionId: role.id, resourceId: tree.subscription.id, expectedVersion: 1 };
    const tightened = {
      ...settings,
      approvalStages: [
        stageOf([second.userId], { approvalsNeeded: 1 }),
        stageOf([replacement.id], { approvalsNeeded: 1 }),
      ],
    };
    const proofId = await makeProof(test.database, owner, {
      kind: "UpdateRoleSettings",
      ...target,
      settings: tightened,
    });
    expect(
      await updateRoleSettings(test.database, owner, { ...target, settings: tightened, proofId }),
    ).toMatchObject({ ok: true });
    expect((await read(id)).approval).toMatchObject({ stage: 0, round: 1, givenBy: [], openedAt: now });
    expect(await approve(first, id)).toMatchObject({ error: { code: "AuthorizationFailed" } });
    expect(await approve(second, id)).toMatchObject({ ok: true, status: "PendingApproval" });
    const last = await makeCaller(test.database, replacement);
    expect(await approve(last, id)).toMatchObject({ ok: true, status: "Provisioned" });
  });
});

describe("what must hold at the last approval", () => {
  it("fails the request with every reason, and gives nothing", async () => {
    const { waiting, first, role, read, user, eligibility, settings } = await arrange({
      settings: { activationRequiresMfa: false },
    });
    const id = await waiting({ proved: false, durationMinutes: 240 });
    await setSettings(test.database, role.id, tree.subscription.id, {
      ...settings,
      activationRequiresMfa: true,
      activationMaximumMinutes: 60,
      activationRequiresTicket: true,
    });
    await pastTheRules(test.database, (to) =>
      to.eligibility.update({
        where: { id: eligibility.id },
        data: { endsAt: addMinutes(now, 90) },
      }),
    );
    now = addMinutes(start, 10);
    const result = await approve(first, id);
    expect(result).toMatchObject({ ok: true, status: "Failed" });
    const request = await read(id);
    expect(request.status).toBe("Failed");
    expect(request.failureReasons).toEqual(result.ok ? result.reasons : []);
    for (const words of [/whole time/, /duration/, /Multi-Factor/, /ticket/])
      expect(request.failureReasons.join(" ")).toMatch(words);
    expect(await holds(user.id)).toBe(false);
    const failed = (await events(id)).at(-1);
    expect(failed).toMatchObject({ kind: "RequestFailed", outcome: "Failure" });
    expect(failed?.failedRules).toContain("MfaRule");
    expect(await approve(first, id)).toMatchObject({ error: { code: "RequestNotPending" } });
  });

  it("includes that the member does not have it already", async () => {
    const two = await arrange();
    const given = await two.waiting();
    await grant(test.database, "active", two.user.id, two.role.id, tree.subscription.id);
    expect(await approve(two.first, given)).toMatchObject({
      status: "Failed",
      reasons: [expect.stringMatching(/already/)],
    });
  });
});

describe("races", () => {
  it("two approvers at once make one activation", async () => {
    for (let round = 0; round < 3; round += 1) {
      const { waiting, first, second, user, read } = await arrange();
      const id = await waiting();
      const results = await atOnce(test, [() => approve(first, id), () => approve(second, id)]);
      expect(results.filter((result) => result.ok)).toHaveLength(1);
      expect(results.find((result) => !result.ok)).toMatchObject({ error: { code: "RequestNotPending" } });
      expect((await read(id)).decisions).toHaveLength(1);
      expect(await test.database.client.assignment.count({ where: { principalId: user.id } })).toBe(1);
    }
  });

  it("twenty approvals of one approver at once count once", async () => {
    const { waiting, first, user, read } = await arrange({
      stages: (ids) => [stageOf(ids, { approvalsNeeded: 2 })],
    });
    const id = await waiting();
    const results = await atOnce(
      test,
      Array.from({ length: 20 }, () => () => approve(first, id)),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(await read(id)).toMatchObject({
      status: "PendingApproval",
      approval: { givenBy: [first.userId] },
    });
    expect(await test.database.client.assignment.count({ where: { principalId: user.id } })).toBe(0);
  });

  it("approving and denying at once end in one of the two", async () => {
    for (let round = 0; round < 3; round += 1) {
      const { waiting, first, second, user, read } = await arrange();
      const id = await waiting();
      const results = await atOnce(test, [() => approve(first, id), () => deny(second, id)]);
      expect(results.filter((result) => result.ok)).toHaveLength(1);
      const { status } = await read(id);
      const given = await test.database.client.assignment.count({ where: { principalId: user.id } });
      expect([status, given]).toEqual(status === "Denied" ? ["Denied", 0] : ["Provisioned", 1]);
    }
  });

  it("an approval and an edit of the settings: the settings at commit judge", async () => {
    for (const leading of ["first", "second"] as const) {
      const { waiting, first, role, read, settings } = await arrange({
        settings: { activationRequiresMfa: false },
      });
      const id = await waiting({ proved: false });
      const tightened = { ...settings, activationRequiresMfa: true };
      const approving = () => approve(first, id);
      const editing = () =>
        updateRoleSettings(test.database, owner, {
          roleDefinitionId: role.id,
          resourceId: tree.subscription.id,
          expectedVersion: 1,
          settings: tightened,
          proofId: null,
        });
      const [approval, edit] = await oneAfterTheOther(test, approving, editing, leading);
      expect(edit).toMatchObject({ ok: true });
      expect(approval.ok).toBe(true);
      const request = await read(id);
      expect(request.status).toBe(leading === "first" ? "Provisioned" : "Failed");
      if (request.status === "Provisioned")
        expect(request.policy).toMatchObject({ activationRequiresMfa: false });
      else expect(request).toMatchObject({ status: "Failed", assignmentId: null });
    }
  });

  it("an approval and a direct activation never give the role twice", async () => {
    const { waiting, first, role, user, member, eligibility, settings } = await arrange();
    const id = await waiting();
    await setSettings(test.database, role.id, tree.subscription.id, {
      ...settings,
      approvalRequired: false,
      activationRequiresMfa: false,
    });
    const [approval, activation] = await atOnce(test, [
      () => approve(first, id),
      () =>
        activateRole(test.database, member, {
          eligibilityId: eligibility.id,
          resourceId: tree.subscription.id,
          startsAt: null,
          durationMinutes: 60,
          justification: "Now",
          ticketNumber: null,
          ticketSystem: null,
          proofId: null,
        }),
    ]);
    expect(await test.database.client.assignment.count({ where: { principalId: user.id } })).toBe(1);
    expect(approval.ok).toBe(true);
    expect([approval.ok && approval.status, activation.ok]).toEqual(
      activation.ok ? ["Failed", true] : ["Provisioned", false],
    );
  });
});
