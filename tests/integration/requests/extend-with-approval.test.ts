import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ApprovalStage } from "@/lib/domain/roles/approval-settings";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { addMinutes } from "@/lib/domain/time/schedule";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import { extendActivation, extendActivationOperation } from "@/lib/operations/activation/extend-activation";
import { decideExtension } from "@/lib/operations/assignments/decide-extension";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import { provisionRequest, provisionRequestOperation } from "@/lib/operations/requests/provision-request";
import { revokeOrphanedRequests } from "@/lib/operations/requests/revoke-orphaned-requests";
import { timeOutRequests } from "@/lib/operations/requests/time-out-requests";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import type { Caller } from "@/lib/platform/caller";
import { requestsToDecide } from "@/lib/queries/requests/approvals";
import { myRequests } from "@/lib/queries/requests/requests";
import {
  type Administration,
  makeAdministration,
  refusedBy,
  refusedWith,
} from "../../support/administration";
import { approvedBy, arrangeApproval, stageOf } from "../../support/approval";
import { oneAfterTheOther } from "../../support/database/held-lock";
import { approveRequest, denyRequest } from "../../support/decide-one";
import { grant, makeActivation, makeGroup, pastTheRules } from "../../support/factories";

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

const presentEnd = addMinutes(start, 60);

/** A member with a running activation of a role that requires approval. */
async function arrange(
  settings: Partial<RoleSettings> = {},
  stages?: (approverIds: string[]) => ApprovalStage[],
) {
  const one = await arrangeApproval(at.database, { tree: at.tree, settings, stages });
  const activation = await pastTheRules(at.database, (transaction) =>
    makeActivation(transaction, one.eligibility, addMinutes(start, -60), 120),
  );
  const extend = async (minutesMore: number, caller: Caller = one.member, assignmentId = activation.id) => {
    const of = { assignmentId, expectedEnd: presentEnd, endsAt: addMinutes(presentEnd, minutesMore) };
    const proofId = await at.prove(extendActivationOperation(of), caller);
    const rest = { justification: "The fix takes longer", ticketNumber: null, ticketSystem: null, proofId };
    return extendActivation(at.database, caller, { ...of, ...rest });
  };
  /** Asks for this much more, and returns the waiting request. */
  const asked = async (minutesMore: number, caller?: Caller, assignmentId?: string) => {
    const result = await extend(minutesMore, caller, assignmentId);
    if (!result.ok || result.status !== "PendingApproval") throw new Error(JSON.stringify(result));
    return result.requestId;
  };
  const approve = (requestId: string, by = one.first) =>
    approveRequest(at.database, by, { requestId, justification: "Known outage", proofId: null });
  const end = async () =>
    (await at.database.client.assignment.findUniqueOrThrow({ where: { id: activation.id } })).endsAt;
  const shown = async (requestId: string) =>
    (await myRequests(at.database, one.member, { before: null, waiting: false })).find(
      (row) => row.id === requestId,
    );
  return { ...one, activation, extend, asked, approve, end, shown };
}

const waits = (caller: Caller) =>
  requestsToDecide(at.database, caller, { search: "", after: null }).then(({ rows }) => rows);

describe("extending an activation that takes approval", () => {
  it("waits while the old one runs on, and moves its end once it is approved", async () => {
    const one = await arrange();
    const requestId = await one.asked(120);
    expect(await one.end()).toEqual(presentEnd);
    expect(await one.read(requestId)).toMatchObject({
      ...{ requestType: "SelfExtend", status: "PendingApproval", endsAt: addMinutes(presentEnd, 120) },
      ...{ assignmentId: one.activation.id, eligibilityId: one.eligibility.id, durationMinutes: 180 },
      // Nobody can decide on an extension of an activation that has ended.
      approval: { expiresAt: presentEnd },
    });
    expect(await waits(one.first)).toMatchObject([
      { id: requestId, extends: { presentEnd, endsAt: addMinutes(presentEnd, 120) } },
    ]);
    now = addMinutes(start, 45);
    expect(await one.approve(requestId)).toMatchObject({ ok: true, status: "Provisioned" });
    expect(await one.end()).toEqual(addMinutes(presentEnd, 120));
    const events = await at.database.client.auditEvent.findMany({
      where: { requestId },
      orderBy: { sequence: "asc" },
    });
    expect(events.map(({ kind }) => kind)).toEqual([
      "ActivationExtensionRequested",
      "RequestApproved",
      "ActivationExtended",
    ]);
    expect(events[2]).toMatchObject({
      actorId: one.user.id,
      assignmentId: one.activation.id,
      details: {
        endsAt: addMinutes(presentEnd, 120).toISOString(),
        endBefore: presentEnd.toISOString(),
      },
    });
    expect(await at.database.client.assignment.count({ where: { principalId: one.user.id } })).toBe(1);
  });

  it("notifies the administrators of both ends once it is extended, and links its member to the request", async () => {
    const one = await arrange();
    const requestId = await one.asked(120);
    await one.approve(requestId);
    await deliverNotifications(at.database, { mail: false });
    const about = (recipientId: string) =>
      at.database.client.notification.findFirstOrThrow({ where: { recipientId }, orderBy: { id: "desc" } });
    expect(await about(at.owner.userId)).toMatchObject({
      title: expect.stringMatching(/Rita Requester.* extended their activation of /),
      body: expect.stringMatching(/^Active until .* instead of /),
    });
    expect(await about(one.user.id)).toMatchObject({
      title: expect.stringMatching(/^Your extension of .* was approved$/),
      href: `/requests/${requestId}`,
    });
  });

  it("leaves the activation as it is when denied, canceled or timed out", async () => {
    const denied = await arrange();
    const first = await denied.asked(60);
    const decision = { requestId: first, justification: "Not today", proofId: null };
    expect(await denyRequest(at.database, denied.first, decision)).toMatchObject({ ok: true });
    expect(await denied.end()).toEqual(presentEnd);
    // It may be requested again.
    const second = await denied.asked(30);
    expect(
      await cancelRequest(at.database, denied.member, { requestId: second, justification: null }),
    ).toMatchObject({ ok: true });
    expect(await denied.end()).toEqual(presentEnd);
  });

  it("makes way for another once nobody decided in time", async () => {
    const one = await arrange({}, (ids) => [stageOf(ids, { timeoutHours: 1 })]);
    // Its end is a day away, so that the stage times out first.
    const long = await pastTheRules(at.database, (transaction) =>
      transaction.assignment.update({
        where: { id: one.activation.id },
        data: { endsAt: addMinutes(start, 240) },
      }),
    );
    const extend = async (minutes: number) => {
      const endsAt = addMinutes(start, minutes);
      const of = { assignmentId: long.id, expectedEnd: addMinutes(start, 240), endsAt };
      const proofId = await at.prove(extendActivationOperation(of), one.member);
      const rest = { justification: "Longer", ticketNumber: null, ticketSystem: null, proofId };
      return extendActivation(at.database, one.member, { ...of, ...rest });
    };
    const first = await extend(300);
    expect(first).toMatchObject({ ok: true, expiresAt: addMinutes(start, 60) });
    expect(await extend(300)).toMatchObject(refusedWith("RoleAssignmentRequestExists"));
    now = addMinutes(start, 60);
    expect(await extend(300)).toMatchObject({ ok: true, status: "PendingApproval" });
    if (first.ok) expect(await one.read(first.requestId)).toMatchObject({ status: "TimedOut" });
  });

  it("ends with the activation, and does not give the role back", async () => {
    const one = await arrange();
    const requestId = await one.asked(120);
    now = presentEnd;
    expect(await one.shown(requestId)).toMatchObject({ status: "TimedOut" });
    expect(await waits(one.first)).toEqual([]);
    expect(await one.approve(requestId)).toMatchObject(refusedWith("RequestNotPending"));
    await timeOutRequests(at.database);
    await revokeOrphanedRequests(at.database);
    expect(await one.read(requestId)).toMatchObject({ status: "TimedOut", completedAt: presentEnd });
    expect(await one.end()).toEqual(presentEnd);
  });

  it("is withdrawn when the role is deactivated, and its approvers hear of it", async () => {
    const one = await arrange();
    const requestId = await one.asked(120);
    await deliverNotifications(at.database, { mail: false });
    expect(await deactivateRole(at.database, one.member, { assignmentId: one.activation.id })).toMatchObject({
      ok: true,
    });
    expect(await one.read(requestId)).toMatchObject({
      status: "Revoked",
      failureReasons: ["The activation has ended."],
      approval: { closedAt: start },
    });
    await deliverNotifications(at.database, { mail: false });
    const notices = await at.database.client.notification.findMany({
      where: { recipientId: one.first.userId },
    });
    expect(notices.map(({ title }) => title)).toContainEqual(
      expect.stringMatching(/^No longer needs a decision: .*Rita Requester.* asks to extend /),
    );
  });

  it("is withdrawn when an administrator removes the activation", async () => {
    const one = await arrange();
    const requestId = await one.asked(120);
    const removal = {
      assignmentType: "Active" as const,
      id: one.activation.id,
      justification: "Wrong scope",
    };
    expect(await removeAssignment(at.database, at.owner, removal)).toMatchObject({ ok: true });
    expect(await one.read(requestId)).toMatchObject({ status: "Revoked" });
  });

  it("and the deactivation at the same time leave it ended, whichever comes first", async () => {
    for (const leading of ["first", "second"] as const) {
      const one = await arrange();
      const requestId = await one.asked(120);
      const [approved, deactivated] = await oneAfterTheOther(
        at.test,
        () => one.approve(requestId),
        () => deactivateRole(at.database, one.member, { assignmentId: one.activation.id }),
        leading,
      );
      expect(deactivated).toMatchObject({ ok: true });
      expect(approved).toMatchObject(leading === "first" ? { ok: true } : refusedWith("RequestNotPending"));
      expect(await one.end()).toEqual(start);
      expect((await one.read(requestId)).status).toBe(leading === "first" ? "Provisioned" : "Revoked");
    }
  });

  it("is asked for once: of two tabs one wins, and a decided one may be followed by another", async () => {
    const one = await arrange();
    const [first, second] = await oneAfterTheOther(
      at.test,
      () => one.extend(60),
      () => one.extend(120),
    );
    expect(first).toMatchObject({ ok: true, status: "PendingApproval" });
    expect(second).toMatchObject(refusedWith("RoleAssignmentRequestExists"));
    // Nor does it bypass the approvers when the settings stop requiring approval.
    await at.database.client.roleManagementPolicy.updateMany({
      where: { roleDefinitionId: one.role.id },
      data: { approvalRequired: false },
    });
    expect(await one.extend(30)).toMatchObject(refusedWith("RoleAssignmentRequestExists"));
  });

  it("waits for each member of an eligible group by itself", async () => {
    const one = await arrange();
    const members = [await at.person("Mia Member"), await at.person("Mo Member")];
    const group = await makeGroup(
      at.database,
      members.map(({ userId }) => userId),
    );
    const through = await grant(at.database, "eligible", group.id, one.role.id, at.tree.subscription.id);
    for (const member of members) {
      const running = await pastTheRules(at.database, (transaction) =>
        makeActivation(transaction, { ...through, principalId: member.userId }, start, 60),
      );
      await one.asked(60, member, running.id);
    }
  });

  it("is decided by its approvers alone: neither by the member nor as a request for more time", async () => {
    const one = await arrange();
    const requestId = await one.asked(60);
    expect(await one.approve(requestId, one.member)).toMatchObject(refusedWith("OwnRequest"));
    for (const decision of [
      { decision: "Deny" as const },
      { decision: "Approve" as const, assignmentType: "Active" as const, startsAt: null, endsAt: null },
    ])
      expect(
        await decideExtension(at.database, at.owner, {
          ...{ requestId, decision, justification: "As an administrator", proofId: null },
        }),
      ).toMatchObject(refusedWith("NotFound"));
    expect(await one.end()).toEqual(presentEnd);
  });

  it("fails with every reason if the settings became stricter meanwhile", async () => {
    const one = await arrange();
    const requestId = await one.asked(120);
    const settings = approvedBy([stageOf(one.people.map(({ id }) => id))], {
      activationMaximumMinutes: 90,
      activationRequiresTicket: true,
    });
    expect(
      await updateRoleSettings(at.database, at.owner, {
        ...{ roleDefinitionId: one.role.id, resourceId: at.tree.subscription.id, expectedVersion: 1 },
        ...{ settings, proofId: null },
      }),
    ).toMatchObject({ ok: true });
    expect(await one.approve(requestId)).toMatchObject({
      ok: true,
      status: "Failed",
      reasons: [
        "The role settings no longer allow this duration.",
        expect.stringContaining("ticket information"),
        expect.stringContaining("ticket information"),
      ],
    });
    expect(await one.end()).toEqual(presentEnd);
  });

  it("is asked anew in the stages of an edit, still no longer than it runs", async () => {
    const one = await arrange();
    const requestId = await one.asked(60);
    now = addMinutes(start, 10);
    const edit = {
      ...{ roleDefinitionId: one.role.id, resourceId: at.tree.subscription.id, expectedVersion: 1 },
      settings: approvedBy([stageOf([one.first.userId]), stageOf([one.second.userId])]),
    };
    const proofId = await at.prove({ kind: "UpdateRoleSettings", ...edit });
    expect(await updateRoleSettings(at.database, at.owner, { ...edit, proofId })).toMatchObject({ ok: true });
    expect(await one.read(requestId)).toMatchObject({ approval: { stage: 0, expiresAt: presentEnd } });
    expect(await one.approve(requestId)).toMatchObject({ ok: true, status: "PendingApproval" });
    expect(await one.read(requestId)).toMatchObject({ approval: { stage: 1, expiresAt: presentEnd } });
    expect(await one.approve(requestId, one.second)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("takes the new code of its member where the role asks for one, and only while it runs", async () => {
    const one = await arrange({ provisioningRequiresMfa: true });
    const provision = async (requestId: string) => {
      const proofId = await at.prove(provisionRequestOperation(requestId), one.member);
      return provisionRequest(at.database, one.member, { requestId, proofId });
    };
    const requestId = await one.asked(60);
    expect(await one.approve(requestId)).toMatchObject({ ok: true, status: "PendingProvisioning" });
    expect(await one.read(requestId)).toMatchObject({ approval: { expiresAt: presentEnd } });
    expect(await one.end()).toEqual(presentEnd);
    expect(await one.extend(30)).toMatchObject(refusedWith("RoleAssignmentRequestExists"));
    const without = { requestId, proofId: null };
    expect(await provisionRequest(at.database, one.member, without)).toMatchObject(refusedBy("MfaRule"));
    now = addMinutes(start, 59);
    expect(await provision(requestId)).toMatchObject({
      ...{ ok: true, status: "Provisioned", assignmentId: one.activation.id },
      endsAt: addMinutes(presentEnd, 60),
    });
    expect(await one.end()).toEqual(addMinutes(presentEnd, 60));

    now = start;
    const other = await arrange({ provisioningRequiresMfa: true });
    const late = await other.asked(60);
    expect(await other.approve(late)).toMatchObject({ ok: true, status: "PendingProvisioning" });
    now = presentEnd;
    const proofId = await at.prove(provisionRequestOperation(late), other.member);
    expect(await provisionRequest(at.database, other.member, { requestId: late, proofId })).toMatchObject(
      refusedWith("RequestNotPending"),
    );
    expect(await other.end()).toEqual(presentEnd);
  });
});
