import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { createChallenge } from "@/lib/identity/step-up/step-up";
import { activateRoles, activateRolesOperation } from "@/lib/operations/activation/activate-roles";
import { assignRole, assignRoleOperation } from "@/lib/operations/assignments/assign-role";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import { decideRequests } from "@/lib/operations/requests/decide-requests";
import { provisionRequest, provisionRequestOperation } from "@/lib/operations/requests/provision-request";
import { timeOutRequests } from "@/lib/operations/requests/time-out-requests";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import type { Caller } from "@/lib/platform/caller";
import { eligibleRoles, wholeList } from "@/lib/queries/activation/my-roles";
import { requestsToDecide } from "@/lib/queries/requests/approvals";
import { myRequests, waitingActivations } from "@/lib/queries/requests/requests";
import {
  type Administration,
  makeAdministration,
  refusedBy,
  refusedWith,
} from "../../support/administration";
import { approvedBy, arrangeApproval, setSettings, stageOf } from "../../support/approval";
import { approveRequest, denyRequest } from "../../support/decide-one";
import { grant, makeCaller, makeRole, makeUser, pastTheRules } from "../../support/factories";

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

const fresh = { provisioningRequiresMfa: true };
const arrange = (options: Parameters<typeof arrangeApproval>[1] = {}) =>
  arrangeApproval(at.database, { tree: at.tree, ...options, settings: { ...fresh, ...options.settings } });
const decision = (requestId: string) => ({ requestId, justification: "Known outage", proofId: null });
const prove = (caller: Caller, requestId: string) => at.prove(provisionRequestOperation(requestId), caller);
/** Enters the right code, which activates what was approved. */
const take = async (caller: Caller, requestId: string) =>
  provisionRequest(at.database, caller, { requestId, proofId: await prove(caller, requestId) });
const activations = (principalId: string) =>
  at.database.client.assignment.findMany({ where: { principalId, assignmentType: "Activated" } });
const mine = async (caller: Caller, requestId: string) =>
  (await myRequests(at.database, caller, { before: null, waiting: false })).find(
    (row) => row.id === requestId,
  );

describe("an approved request of a role that asks for a new code", () => {
  it("gives nothing until its member enters one, and then the whole duration from that moment", async () => {
    const one = await arrange();
    const requestId = await one.approved({ durationMinutes: 90 });
    expect(await activations(one.user.id)).toEqual([]);
    const asked = await one.read(requestId);
    expect(asked).toMatchObject({ status: "PendingProvisioning", completedAt: null, assignmentId: null });

    now = addMinutes(start, 600);
    const proofId = await prove(one.member, requestId);
    const result = await provisionRequest(at.database, one.member, { requestId, proofId });
    expect(result).toMatchObject({ ok: true, status: "Provisioned" });
    expect(await activations(one.user.id)).toMatchObject([
      {
        startsAt: now,
        endsAt: addMinutes(now, 90),
        resourceId: at.tree.subscription.id,
        eligibilityId: one.eligibility.id,
      },
    ]);
    expect(await one.read(requestId)).toMatchObject({
      status: "Provisioned",
      completedAt: now,
      proofId,
      approval: { closedAt: now },
    });
    const events = await at.database.client.auditEvent.findMany({
      where: { requestId },
      orderBy: { sequence: "asc" },
    });
    expect(events.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
      "ActivationRequested Success",
      "RequestApproved Success",
      "ActivationAwaitsCode Success",
      "RoleActivated Success",
    ]);
    expect(events[3]).toMatchObject({ proofId, actorId: one.user.id, sessionId: one.member.sessionId });
  });

  it("takes no proof of asking, of deciding or of another request, and none of somebody else", async () => {
    const one = await arrange();
    const requestId = await one.approved();
    const other = await (await arrange()).approved();
    const { proofId: ofAsking } = await one.read(requestId);
    const activation = {
      ...{ kind: "ActivateRole" as const, eligibilityId: one.eligibility.id },
      ...{ resourceId: at.tree.subscription.id, startsAt: null, durationMinutes: 60 },
    };
    const proofs = [
      null,
      ofAsking,
      await at.prove(activation, one.member),
      await at.prove(provisionRequestOperation(other), one.member),
      await at.prove(provisionRequestOperation(requestId), one.first),
      await one.prove(one.member, "Approve", [requestId]),
    ];
    for (const proofId of proofs)
      expect(await provisionRequest(at.database, one.member, { requestId, proofId })).toMatchObject(
        refusedBy("MfaRule"),
      );
    expect(await activations(one.user.id)).toEqual([]);
    expect(await take(one.member, requestId)).toMatchObject({ ok: true });
  });

  it("is activated by its member alone, and nobody else gets to know of it by asking for a code", async () => {
    const one = await arrange();
    const requestId = await one.approved();
    for (const caller of [one.first, one.second, at.owner, await at.person("Sam Stranger")]) {
      expect(await take(caller, requestId)).toMatchObject(refusedWith("NotFound"));
      expect(await createChallenge(at.database, caller, provisionRequestOperation(requestId))).toBeNull();
    }
    const challenge = await createChallenge(at.database, one.member, provisionRequestOperation(requestId));
    expect(challenge?.description).toEqual({
      title: "Activate User Access Administrator on Production, as approved",
      details: [
        { label: "Scope", value: at.tree.subscription.scope },
        { label: "Duration", value: "1 h, from now" },
      ],
    });
    // A request that still waits for its approvers accepts no code either.
    const waits = await (await arrange()).waiting();
    expect(await take(at.owner, waits)).toMatchObject(refusedWith("NotFound"));
  });

  it("does not let its member skip the approval", async () => {
    const one = await arrange();
    const requestId = await one.waiting();
    expect(await createChallenge(at.database, one.member, provisionRequestOperation(requestId))).toBeNull();
    const proofId = await prove(one.member, requestId);
    expect(await provisionRequest(at.database, one.member, { requestId, proofId })).toMatchObject(
      refusedWith("RequestNotPending"),
    );
    await approveRequest(at.database, one.first, decision(requestId));
    // The proof is unspent: it is for this request.
    expect(await provisionRequest(at.database, one.member, { requestId, proofId })).toMatchObject({
      ok: true,
    });
  });

  it("is decided: nobody approves, denies or is asked any more", async () => {
    const one = await arrange();
    const requestId = await one.approved();
    for (const decide of [approveRequest, denyRequest])
      expect(await decide(at.database, one.second, decision(requestId))).toMatchObject(
        refusedWith("RequestNotPending"),
      );
    expect(await approveRequest(at.database, one.member, decision(requestId))).toMatchObject(
      refusedWith("OwnRequest"),
    );
  });

  it("is listed as such to its member and administrators, and asked for by nobody twice", async () => {
    const one = await arrange();
    const requestId = await one.approved();
    const [waiting] = await myRequests(at.database, one.member, { before: null, waiting: true });
    expect(waiting).toMatchObject({
      id: requestId,
      status: "PendingProvisioning",
      expiresAt: addMinutes(start, 24 * 60),
      deciders: [],
      decisions: [{ by: { displayName: "Anna Approver" } }],
    });
    const here = await waitingActivations(at.database, at.tree.subscription.id, null);
    expect(here.map((row) => row.id)).toContain(requestId);
    const { rows } = await eligibleRoles(at.database, one.member, wholeList);
    expect(rows).toMatchObject([{ waiting: "PendingProvisioning" }]);
    expect(await one.ask()).toMatchObject(refusedWith("PendingRoleAssignmentRequest"));
  });

  it("is canceled by its member or an administrator, and then takes no code", async () => {
    for (const by of ["member", "administrator"] as const) {
      const one = await arrange();
      const requestId = await one.approved();
      const proofId = await prove(one.member, requestId);
      const input = { requestId, justification: null };
      const stranger = await at.person("Sam Stranger");
      expect(await cancelRequest(at.database, stranger, input)).toMatchObject({ ok: false });
      const caller = by === "member" ? one.member : at.owner;
      expect(await cancelRequest(at.database, caller, input)).toMatchObject({ ok: true });
      expect(await mine(one.member, requestId)).toMatchObject({ status: "Canceled" });
      expect(await provisionRequest(at.database, one.member, { requestId, proofId })).toMatchObject(
        refusedWith("RequestNotPending"),
      );
      expect(await activations(one.user.id)).toEqual([]);
      expect(await one.ask()).toMatchObject({ ok: true });
    }
  });

  it("starts later where that was asked for, and at once where that moment has passed", async () => {
    const one = await arrange();
    const startsAt = addMinutes(start, 300);
    const requestId = await one.approved({ startsAt, durationMinutes: 60 });
    expect(await take(one.member, requestId)).toMatchObject({ ok: true, status: "ScheduleCreated" });
    expect(await activations(one.user.id)).toMatchObject([{ startsAt, endsAt: addMinutes(startsAt, 60) }]);

    const other = await arrange();
    const late = await other.approved({ startsAt, durationMinutes: 60 });
    now = addMinutes(startsAt, 45);
    expect(await take(other.member, late)).toMatchObject({ ok: true, status: "Provisioned" });
    expect(await activations(other.user.id)).toMatchObject([{ startsAt: now, endsAt: addMinutes(now, 60) }]);
  });

  it("is one of several that were asked and approved together, each with a code of its own", async () => {
    const { database, tree } = at;
    const user = await makeUser(database, "Rita Requester");
    const member = await makeCaller(database, user);
    const approver = await at.person("Anna Approver");
    const items = await Promise.all(
      ["First", "Second"].map(async (name) => {
        const role = await makeRole(database, name, { actions: ["*/read"] });
        const settings = approvedBy([stageOf([approver.userId])], fresh);
        await setSettings(database, role.id, tree.subscription.id, settings);
        const { id } = await grant(database, "eligible", user.id, role.id, tree.subscription.id);
        return { eligibilityId: id, resourceId: tree.subscription.id, durationMinutes: 60 };
      }),
    );
    const input = { items, startsAt: null, justification: "Release", ticketNumber: null, ticketSystem: null };
    const proofId = await at.prove(activateRolesOperation(input), member);
    const asked = await activateRoles(database, member, { ...input, proofId });
    const requestIds = asked.flatMap((result) => (result.ok ? [result.requestId] : []));
    const decided = await decideRequests(database, approver, {
      ...{ requestIds, decision: "Approve", justification: "Known", proofId: null },
    });
    expect(decided).toMatchObject([
      { ok: true, status: "PendingProvisioning" },
      { ok: true, status: "PendingProvisioning" },
    ]);
    expect(await activations(user.id)).toEqual([]);
    const [first = "", second = ""] = requestIds;
    const code = await prove(member, first);
    expect(await provisionRequest(database, member, { requestId: first, proofId: code })).toMatchObject({
      ok: true,
    });
    expect(await provisionRequest(database, member, { requestId: second, proofId: code })).toMatchObject(
      refusedBy("MfaRule"),
    );
    expect(await activations(user.id)).toHaveLength(1);
  });
});

describe("the time to enter the code", () => {
  it("ends by reading at its very moment, before the worker writes it down, and lets ask again", async () => {
    for (const [hours, minutes] of [
      [1, 60],
      [72, 24 * 60],
    ] as const) {
      now = start;
      const one = await arrange({ stages: (ids) => [stageOf(ids, { timeoutHours: hours })] });
      const requestId = await one.approved();
      const deadline = addMinutes(start, minutes);
      now = new Date(deadline.getTime() - 1);
      expect(await mine(one.member, requestId)).toMatchObject({ status: "PendingProvisioning" });
      const proofId = await prove(one.member, requestId);
      now = deadline;
      expect(await provisionRequest(at.database, one.member, { requestId, proofId })).toMatchObject(
        refusedWith("RequestNotPending"),
      );
      expect(await mine(one.member, requestId)).toMatchObject({ status: "TimedOut" });
      expect(await cancelRequest(at.database, one.member, decision(requestId))).toMatchObject(
        refusedWith("RequestNotPending"),
      );
      now = addMinutes(deadline, 10);
      await timeOutRequests(at.database);
      expect(await one.read(requestId)).toMatchObject({ status: "TimedOut", completedAt: deadline });
      const event = await at.database.client.auditEvent.findFirstOrThrow({
        where: { requestId, kind: "RequestTimedOut" },
      });
      expect(event.details).toEqual({ timedOutAt: deadline.toISOString(), awaitedCode: true });
      expect(await one.ask()).toMatchObject({ ok: true, status: "PendingApproval" });
      expect(await activations(one.user.id)).toEqual([]);
    }
  });

  it("is over for the next request even where nobody has written it down", async () => {
    const one = await arrange();
    await one.approved();
    now = addDays(start, 2);
    expect(await one.ask()).toMatchObject({ ok: true, status: "PendingApproval" });
  });
});

describe("the settings in force", () => {
  it("show approvers that nothing starts before the code, of whatever level they are", async () => {
    const asks = async (caller: Caller, id: string) =>
      (await requestsToDecide(at.database, caller, { search: "", after: null })).rows.find(
        (row) => row.id === id,
      )?.codeAfterApproval;
    const one = await arrange();
    expect(await asks(one.first, await one.waiting())).toBe(true);
    for (const without of [{ provisioningRequiresMfa: false }, { activationRequiresMfa: false }]) {
      const other = await arrange({ settings: without });
      expect(await asks(other.first, await other.waiting())).toBe(false);
    }
    const narrowed = await arrange({ settings: { provisioningRequiresMfa: false } });
    await setSettings(at.database, narrowed.role.id, at.tree.group.id, { ...defaultRoleSettings, ...fresh });
    expect(await asks(narrowed.first, await narrowed.waiting())).toBe(false);
    const below = await narrowed.waiting({ resourceId: at.tree.group.id });
    expect(await asks(narrowed.first, below)).toBe(true);
  });

  it("ask for the code where they do so when it is approved, whatever was said when it was asked", async () => {
    const one = await arrange({ settings: { provisioningRequiresMfa: false } });
    const requestId = await one.waiting();
    await setSettings(at.database, one.role.id, at.tree.subscription.id, { ...one.settings, ...fresh });
    expect(await approveRequest(at.database, one.first, decision(requestId))).toMatchObject({
      ok: true,
      status: "PendingProvisioning",
    });

    const other = await arrange();
    const asked = await other.waiting();
    const without = { ...other.settings, provisioningRequiresMfa: false };
    await setSettings(at.database, other.role.id, at.tree.subscription.id, without);
    expect(await approveRequest(at.database, other.first, decision(asked))).toMatchObject({
      ok: true,
      status: "Provisioned",
    });
  });

  it("do not take away the code that was announced, switched off by whoever waits or not", async () => {
    const one = await arrange();
    const requestId = await one.approved();
    const eased = { ...one.settings, provisioningRequiresMfa: false, activationRequiresMfa: false };
    await setSettings(at.database, one.role.id, at.tree.subscription.id, eased);
    const without = { requestId, proofId: null };
    expect(await provisionRequest(at.database, one.member, without)).toMatchObject(refusedBy("MfaRule"));
    await setSettings(at.database, one.role.id, at.tree.subscription.id, {
      ...eased,
      ...{ approvalRequired: false, approvalStages: [] },
    });
    expect(await provisionRequest(at.database, one.member, without)).toMatchObject(refusedBy("MfaRule"));
    expect(await take(one.member, requestId)).toMatchObject({ ok: true });
  });

  it("without Multi-Factor Authentication on activation, ask for none", async () => {
    const one = await arrange({ settings: { activationRequiresMfa: false } });
    const requestId = await one.waiting({ proved: false });
    expect(await approveRequest(at.database, one.first, decision(requestId))).toMatchObject({
      ok: true,
      status: "Provisioned",
    });
  });

  it("of any level between ask for it where the activation is narrowed", async () => {
    const one = await arrange({ settings: { provisioningRequiresMfa: false } });
    await setSettings(at.database, one.role.id, at.tree.group.id, { ...defaultRoleSettings, ...fresh });
    const requestId = await one.approved({ resourceId: at.tree.group.id });
    expect(await take(one.member, requestId)).toMatchObject({ ok: true });
    expect(await activations(one.user.id)).toMatchObject([{ resourceId: at.tree.group.id }]);
  });

  it("that became stricter since are reported whole, and leave request and proof as they were", async () => {
    const one = await arrange();
    const requestId = await one.approved({ durationMinutes: 120 });
    const proofId = await prove(one.member, requestId);
    const stricter = { ...one.settings, activationMaximumMinutes: 60, activationRequiresTicket: true };
    await setSettings(at.database, one.role.id, at.tree.subscription.id, stricter);
    const input = { requestId, proofId };
    const rules = ["ExpirationRule", "TicketingRule", "TicketingRule"];
    expect(await provisionRequest(at.database, one.member, input)).toMatchObject(refusedBy(...rules));
    expect(await provisionRequest(at.database, one.member, { ...input, proofId: null })).toMatchObject(
      refusedBy(...rules, "MfaRule"),
    );
    expect(await mine(one.member, requestId)).toMatchObject({ status: "PendingProvisioning" });
    await setSettings(at.database, one.role.id, at.tree.subscription.id, one.settings);
    expect(await provisionRequest(at.database, one.member, input)).toMatchObject({ ok: true });
  });

  it("that ask other approvers since are not stepped around by an old approval", async () => {
    const one = await arrange();
    const requestId = await one.approved();
    const security = await at.person("Sina Security");
    const more = [...one.settings.approvalStages, stageOf([security.userId])];
    const stricter = { ...one.settings, approvalStages: more };
    await setSettings(at.database, one.role.id, at.tree.subscription.id, stricter);
    expect(await take(one.member, requestId)).toMatchObject(refusedBy("ApprovalRule"));
    // Of two approved stages, one may be removed.
    await setSettings(at.database, one.role.id, at.tree.subscription.id, one.settings);
    expect(await take(one.member, requestId)).toMatchObject({ ok: true });
  });

  it("are eased in this with a code of the administrator, and made stricter without", async () => {
    const one = await arrange({ settings: { provisioningRequiresMfa: false } });
    const edit = (provisioningRequiresMfa: boolean, expectedVersion: number) =>
      updateRoleSettings(at.database, at.owner, {
        ...{ roleDefinitionId: one.role.id, resourceId: at.tree.subscription.id, expectedVersion },
        ...{ settings: { ...one.settings, provisioningRequiresMfa }, proofId: null },
      });
    expect(await edit(true, 1)).toMatchObject({ ok: true });
    expect(await edit(false, 2)).toMatchObject(refusedBy("MfaRule"));
  });
});

describe("an approval whose giver lost the decision right before the code", () => {
  const disable = ({ userId }: Caller, disabledAt: Date | null) =>
    at.database.client.principal.update({ where: { id: userId }, data: { disabledAt } });

  it("does not count, and counts again when they are back", async () => {
    const one = await arrange();
    const requestId = await one.approved();
    const proofId = await prove(one.member, requestId);
    await disable(one.first, now);
    const input = { requestId, proofId };
    expect(await provisionRequest(at.database, one.member, input)).toMatchObject(refusedBy("ApprovalRule"));
    expect(await mine(one.member, requestId)).toMatchObject({ lapsed: [{ displayName: "Anna Approver" }] });
    await disable(one.first, null);
    expect(await provisionRequest(at.database, one.member, input)).toMatchObject({ ok: true });
  });

  it("was needed: of more than that, the others do", async () => {
    const one = await arrange({ stages: (ids) => [stageOf(ids, { approvalsNeeded: 2 })] });
    const requestId = await one.waiting();
    for (const caller of [one.first, one.second])
      await approveRequest(at.database, caller, decision(requestId));
    await disable(one.second, now);
    expect(await take(one.member, requestId)).toMatchObject(refusedBy("ApprovalRule"));
    await disable(one.second, null);
    expect(await take(one.member, requestId)).toMatchObject({ ok: true });
  });

  it("of a stage that was passed before the last one stays", async () => {
    const one = await arrange({ stages: (ids) => ids.map((id) => stageOf([id])) });
    const requestId = await one.waiting();
    const { approval } = await one.read(requestId);
    const named = (caller: Caller) => approval?.approverIds.includes(caller.userId);
    const [opener, closer] = named(one.first) ? [one.first, one.second] : [one.second, one.first];
    await approveRequest(at.database, opener, decision(requestId));
    await approveRequest(at.database, closer, decision(requestId));
    await disable(opener, now);
    expect(await take(one.member, requestId)).toMatchObject({ ok: true });
  });
});

it("is refused where the member got the role meanwhile, and continues when that is taken away", async () => {
  const one = await arrange();
  const requestId = await one.approved();
  const input = {
    ...{
      assignmentType: "Active" as const,
      roleDefinitionId: one.role.id,
      resourceId: at.tree.subscription.id,
    },
    ...{ principalIds: [one.user.id], startsAt: null, endsAt: addDays(now, 10), justification: "Cover" },
  };
  const proofId = await at.prove(assignRoleOperation(input));
  const assigned = await assignRole(at.database, at.owner, { ...input, proofId });
  if (!assigned.ok) throw new Error(JSON.stringify(assigned));
  expect(await take(one.member, requestId)).toMatchObject(refusedWith("RoleAssignmentExists"));
  expect(await mine(one.member, requestId)).toMatchObject({ status: "PendingProvisioning" });
  const direct = await at.database.client.assignment.findFirstOrThrow({
    where: { principalId: one.user.id, assignmentType: "Assigned" },
  });
  const removal = { assignmentType: "Active" as const, id: direct.id, justification: "Not needed" };
  expect(await removeAssignment(at.database, at.owner, removal)).toMatchObject({ ok: true });
  expect(await take(one.member, requestId)).toMatchObject({ ok: true });
});

it("is not longer than the eligibility has left", async () => {
  const one = await arrange();
  await pastTheRules(at.database, (to) =>
    to.eligibility.update({
      where: { id: one.eligibility.id },
      data: { endsAt: addMinutes(start, 120) },
    }),
  );
  const requestId = await one.approved({ durationMinutes: 90 });
  now = addMinutes(start, 36);
  expect(await take(one.member, requestId)).toMatchObject(refusedBy("EligibilityRule"));
  now = addMinutes(start, 35);
  expect(await take(one.member, requestId)).toMatchObject({ ok: true, endsAt: addMinutes(start, 120) });
});
