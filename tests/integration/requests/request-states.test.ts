import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { decideExtension } from "@/lib/operations/assignments/decide-extension";
import { extendAssignment } from "@/lib/operations/assignments/extend-assignment";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { renewAssignment } from "@/lib/operations/assignments/renew-assignment";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { requestRenewal } from "@/lib/operations/assignments/request-renewal";
import { updateAssignment } from "@/lib/operations/assignments/update-assignment";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import { revokeOrphanedRequests } from "@/lib/operations/requests/revoke-orphaned-requests";
import { timeOutRequests } from "@/lib/operations/requests/time-out-requests";
import { deleteRoleDefinition } from "@/lib/operations/roles/delete-role-definition";
import type { Caller } from "@/lib/platform/caller";
import { myRequests, waitingActivations } from "@/lib/queries/requests/requests";
import { makeAdministration } from "../../support/administration";
import { arrangeApproval, setSettings, stageOf } from "../../support/approval";
import { holdLock } from "../../support/database/held-lock";
import { approveRequest } from "../../support/decide-one";
import { grant, makeCaller, makeGroup, makeRole, makeUser, pastTheRules } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Awaited<ReturnType<typeof makeAdministration>>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());
beforeEach(() => {
  now = start;
});

const reads = async (caller: Caller, requestId: string) =>
  (await myRequests(at.database, caller, { before: null, waiting: false })).find(({ id }) => id === requestId)
    ?.status;
const stored = async (id: string) =>
  (await at.database.client.request.findUniqueOrThrow({ where: { id } })).status;
const kinds = async (requestId: string) =>
  (
    await at.database.client.auditEvent.findMany({
      where: { requestId, outcome: "Success" },
      orderBy: { sequence: "asc" },
    })
  ).map(({ kind }) => kind);
const sweep = async () => {
  await revokeOrphanedRequests(at.database);
  await timeOutRequests(at.database);
  await revokeOrphanedRequests(at.database);
};

/** A request that times out after an hour, or escalates after one and times out after two. */
const withinAnHour = (escalationApproverIds: string[] = []) =>
  arrangeApproval(at.database, {
    tree: at.tree,
    stages: (ids) => [stageOf(ids, { timeoutHours: 1, escalationApproverIds })],
  });

describe("of a time-out and a loss, what came first stays", () => {
  it("timed out: whatever takes the eligibility, the member or the membership away later", async () => {
    const { database, owner } = at;
    for (const loss of ["removed", "disabled", "ended"] as const) {
      now = start;
      const { waiting, eligibility, user, member } = await withinAnHour();
      if (loss === "ended")
        await pastTheRules(database, (to) =>
          to.eligibility.update({
            where: { id: eligibility.id },
            data: { endsAt: addMinutes(start, 90) },
          }),
        );
      const id = await waiting();
      now = addMinutes(start, 60);
      expect(await reads(member, id)).toBe("TimedOut");
      now = addMinutes(start, 95);
      if (loss === "removed")
        expect(
          await removeAssignment(database, owner, {
            assignmentType: "Eligible",
            id: eligibility.id,
            justification: null,
          }),
        ).toMatchObject({ ok: true });
      if (loss === "disabled")
        expect(
          await disablePrincipal(database, owner, { principalId: user.id, justification: "Left" }),
        ).toMatchObject({ ok: true });
      expect([loss, await reads(member, id)]).toEqual([loss, "TimedOut"]);
      await sweep();
      expect([loss, await stored(id)]).toEqual([loss, "TimedOut"]);
      expect(await kinds(id)).toEqual(["ActivationRequested", "RequestTimedOut"]);
    }
  });

  it("revoked: though the time-out passes before anybody writes it down", async () => {
    const { database } = at;
    const { waiting, eligibility, member, first } = await withinAnHour();
    const until = addMinutes(start, 30);
    await pastTheRules(database, (to) =>
      to.eligibility.update({
        where: { id: eligibility.id },
        data: { endsAt: addMinutes(start, 600) },
      }),
    );
    const id = await waiting();
    await pastTheRules(database, (to) =>
      to.eligibility.update({ where: { id: eligibility.id }, data: { endsAt: until } }),
    );
    now = new Date(until.getTime() - 1);
    expect(await reads(member, id)).toBe("PendingApproval");
    now = until;
    expect(await reads(member, id)).toBe("Revoked");
    now = addMinutes(start, 300);
    expect(await reads(member, id)).toBe("Revoked");
    expect(
      await approveRequest(database, first, { requestId: id, justification: "Known", proofId: null }),
    ).toMatchObject({ error: { code: "RequestNotPending" } });
    expect(await timeOutRequests(database)).toBe(0);
    await sweep();
    expect(await stored(id)).toBe("Revoked");
    expect(await kinds(id)).toEqual(["ActivationRequested", "RequestRevoked"]);
  });

  it("revoked: when another is asked for meanwhile, too", async () => {
    const { database, tree } = at;
    const { waiting, eligibility, user, role } = await withinAnHour();
    const id = await waiting();
    const until = addMinutes(start, 30);
    await pastTheRules(database, (to) =>
      to.eligibility.update({ where: { id: eligibility.id }, data: { endsAt: until } }),
    );
    now = addMinutes(start, 300);
    const again = await grant(database, "eligible", user.id, role.id, tree.subscription.id, {
      startsAt: now,
    });
    await waiting({ eligibilityId: again.id });
    expect(await stored(id)).toBe("Revoked");
  });
});

it("escalation approvers are not notified of a request that reads Revoked", async () => {
  const { database } = at;
  const late = await makeUser(database, "Lena Later");
  const { waiting, eligibility, member } = await withinAnHour([late.id]);
  const id = await waiting();
  await pastTheRules(database, (to) =>
    to.eligibility.update({
      where: { id: eligibility.id },
      data: { endsAt: addMinutes(start, 30) },
    }),
  );
  now = addMinutes(start, 61);
  expect(await reads(member, id)).toBe("Revoked");
  await timeOutRequests(database);
  expect(await kinds(id)).not.toContain("RequestEscalated");
});

it("a role whose only request reads TimedOut or Revoked may be deleted", async () => {
  const { database, owner, tree } = at;
  for (const after of ["TimedOut", "Revoked"] as const) {
    now = start;
    const { waiting, role, eligibility, member } = await withinAnHour();
    await database.client.roleDefinition.update({ where: { id: role.id }, data: { roleType: "CustomRole" } });
    const id = await waiting();
    const endsAt = addMinutes(start, after === "Revoked" ? 30 : 90);
    await pastTheRules(database, (to) =>
      to.eligibility.update({ where: { id: eligibility.id }, data: { endsAt } }),
    );
    const deletion = { roleDefinitionId: role.id, justification: null };
    now = addMinutes(start, 20);
    expect(await deleteRoleDefinition(database, owner, deletion)).toMatchObject({
      error: { code: "Conflict" },
    });
    now = addMinutes(start, 100);
    expect(await reads(member, id)).toBe(after);
    expect(await deleteRoleDefinition(database, owner, deletion)).toMatchObject({ ok: true });
    expect(await waitingActivations(database, tree.root.id, null)).toEqual([]);
    await sweep();
    expect(await stored(id)).toBe(after);
  }
});

/** A member whose access ended, or ends in a day. */
async function ending(kind: "eligible" | "active", minutes: number) {
  const { database, tree } = at;
  const role = await makeRole(database, "Contributor", { actions: ["*/read"] });
  await setSettings(database, role.id, tree.subscription.id, defaultRoleSettings);
  const user = await makeUser(database, "Mia Member");
  const member = await makeCaller(database, user);
  const access = await grant(database, kind, user.id, role.id, tree.subscription.id, {
    startsAt: addDays(start, -10),
    endsAt: addMinutes(start, minutes),
  });
  const assignmentType = kind === "eligible" ? ("Eligible" as const) : ("Active" as const);
  return { role, user, member, access, assignmentType, of: { assignmentType, id: access.id } };
}

describe("a renewal or extension with a later start", () => {
  const later = addDays(start, 5);
  const proposal = { endsAt: addDays(start, 60), justification: "Still on call" };

  it("is provisioned from its start, and canceled with what it was to give", async () => {
    const { database, owner, tree } = at;
    for (const [kind, give] of [
      ["eligible", "Eligible"],
      ["active", "Active"],
      ["eligible", "Active"],
      ["active", "Eligible"],
    ] as const) {
      for (const removed of [false, true]) {
        now = start;
        const { of, member, user, role } = await ending(kind, -60);
        const asked = await requestRenewal(database, member, { ...of, ...proposal });
        if (!asked.ok) throw new Error(JSON.stringify(asked));
        const decision = {
          decision: "Approve" as const,
          assignmentType: give,
          startsAt: later,
          endsAt: proposal.endsAt,
        };
        const input = { requestId: asked.requestId, decision, justification: "Agreed", proofId: null };
        expect(await decideExtension(database, owner, input)).toMatchObject({ ok: true });
        expect(await reads(member, asked.requestId)).toBe("ScheduleCreated");
        const where = { principalId: user.id, roleDefinitionId: role.id, resourceId: tree.subscription.id };
        const made =
          give === "Eligible"
            ? await database.client.eligibility.findFirstOrThrow({ where: { ...where, startsAt: later } })
            : await database.client.assignment.findFirstOrThrow({ where: { ...where, startsAt: later } });
        if (removed)
          expect(
            await removeAssignment(database, owner, {
              assignmentType: give,
              id: made.id,
              justification: null,
            }),
          ).toMatchObject({ ok: true });
        now = new Date(later.getTime() - 1);
        expect(await reads(member, asked.requestId)).toBe(removed ? "Canceled" : "ScheduleCreated");
        now = later;
        expect(await reads(member, asked.requestId)).toBe(removed ? "Canceled" : "Provisioned");
      }
    }
  });

  it("of an administrator alone is canceled likewise, and moves with its start", async () => {
    const { database, owner } = at;
    const { of } = await ending("eligible", -60);
    const renewal = { ...of, ...proposal, startsAt: later, proofId: null };
    const renewed = await renewAssignment(database, owner, renewal);
    if (!renewed.ok) throw new Error(JSON.stringify(renewed));
    const moved = addDays(start, 8);
    const expected = { startsAt: later, endsAt: proposal.endsAt };
    const change = { assignmentType: "Eligible" as const, id: renewed.id, expected, justification: null };
    expect(
      await updateAssignment(database, owner, {
        ...change,
        startsAt: moved,
        endsAt: proposal.endsAt,
        proofId: null,
      }),
    ).toMatchObject({ ok: true });
    now = addDays(start, 6);
    expect(await reads(owner, renewed.requestId)).toBe("ScheduleCreated");
    const removal = { assignmentType: "Eligible" as const, id: renewed.id, justification: null };
    expect(await removeAssignment(database, owner, removal)).toMatchObject({ ok: true });
    now = addDays(start, 9);
    expect(await reads(owner, renewed.requestId)).toBe("Canceled");
  });
});

it("an eligibility that is turned active revokes its waiting request at once", async () => {
  const { database, owner } = at;
  const { waiting, eligibility, member, user } = await arrangeApproval(database, { tree: at.tree });
  await pastTheRules(database, (to) =>
    to.eligibility.update({
      where: { id: eligibility.id },
      data: { endsAt: addDays(start, 3) },
    }),
  );
  const id = await waiting();
  const asked = await requestExtension(database, member, {
    assignmentType: "Eligible",
    id: eligibility.id,
    endsAt: addDays(start, 30),
    justification: "Still on call",
  });
  if (!asked.ok) throw new Error(JSON.stringify(asked));
  const decision = {
    decision: "Approve" as const,
    assignmentType: "Active" as const,
    startsAt: null,
    endsAt: addDays(start, 30),
  };
  const input = { requestId: asked.requestId, decision, justification: "Agreed", proofId: null };
  expect(await decideExtension(database, owner, input)).toMatchObject({ ok: true });
  expect(await stored(id)).toBe("Revoked");
  const event = await database.client.auditEvent.findFirstOrThrow({
    where: { requestId: id, kind: "RequestRevoked" },
  });
  expect(event).toMatchObject({ actorId: owner.userId, targetId: user.id });
});

it("more time is not given to somebody who is disabled, less is", async () => {
  const { database, owner } = at;
  for (const kind of ["eligible", "active"] as const) {
    const { of, access, user } = await ending(kind, 3 * 1440);
    expect(
      await disablePrincipal(database, owner, { principalId: user.id, justification: "Left" }),
    ).toMatchObject({ ok: true });
    const expected = { startsAt: access.startsAt, endsAt: access.endsAt };
    const update = (days: number) =>
      updateAssignment(database, owner, {
        ...of,
        expected,
        startsAt: null,
        endsAt: addDays(start, days),
        justification: "Plan",
        proofId: null,
      });
    expect(await update(9)).toMatchObject({
      ok: false,
      error: { code: "NotFound", message: "This member is disabled." },
    });
    const extension = {
      ...of,
      expectedEnd: access.endsAt,
      endsAt: addDays(start, 9),
      justification: "Plan",
      proofId: null,
    };
    expect(await extendAssignment(database, owner, extension)).toMatchObject({ error: { code: "NotFound" } });
    expect(await update(2)).toMatchObject({ ok: true });
  }
});

it("an extension asked through a group ends when its asker leaves the group or is disabled", async () => {
  const { database, owner, tree } = at;
  for (const leaving of ["leaves", "disabled"] as const) {
    const role = await makeRole(database, "Contributor", { actions: ["*/read"] });
    const user = await makeUser(database, "Mia Member");
    const member = await makeCaller(database, user);
    const group = await makeGroup(database, [user.id]);
    const { id } = await grant(database, "eligible", group.id, role.id, tree.subscription.id, {
      endsAt: addDays(start, 3),
    });
    const proposal = {
      assignmentType: "Eligible" as const,
      id,
      endsAt: addDays(start, 30),
      justification: "On call",
    };
    const asked = await requestExtension(database, member, proposal);
    if (!asked.ok) throw new Error(JSON.stringify(asked));
    const left =
      leaving === "leaves"
        ? await removeGroupMember(database, owner, {
            groupId: group.id,
            memberId: user.id,
            justification: null,
          })
        : await disablePrincipal(database, owner, { principalId: user.id, justification: null });
    expect(left).toMatchObject({ ok: true });
    expect(await stored(asked.requestId)).toBe("Canceled");
    const decision = {
      decision: "Approve" as const,
      assignmentType: "Eligible" as const,
      startsAt: null,
      endsAt: addDays(start, 30),
    };
    const input = { requestId: asked.requestId, decision, justification: "Agreed", proofId: null };
    expect(await decideExtension(database, owner, input)).toMatchObject({
      error: { code: "RequestNotPending" },
    });
    // People who are still in the group may ask.
    const other = await makeUser(database, "Otto Other");
    await database.client.groupMember.create({ data: { groupId: group.id, memberId: other.id } });
    expect(await requestExtension(database, await makeCaller(database, other), proposal)).toMatchObject({
      ok: true,
    });
  }
});

it("any whole minute up to the maximum may be activated, though settings count in half hours", async () => {
  for (const [durationMinutes, allowed] of [
    [29, false],
    [30, true],
    [31, true],
    [479, true],
    [480, true],
    [481, false],
    [30.5, false],
  ] as const) {
    const { ask } = await arrangeApproval(at.database, { tree: at.tree });
    expect([durationMinutes, (await ask({ durationMinutes })).ok]).toEqual([durationMinutes, allowed]);
  }
});

it("an update into another assignment's time is refused as such before a missing reason", async () => {
  const { database, owner, tree } = at;
  const { of, access, user, role } = await ending("active", 3 * 1440);
  const times = { startsAt: addDays(start, 5), endsAt: addDays(start, 9) };
  await grant(database, "active", user.id, role.id, tree.subscription.id, times);
  const expected = { startsAt: access.startsAt, endsAt: access.endsAt };
  const change = { ...of, expected, startsAt: null, justification: null, proofId: null };
  expect(await updateAssignment(database, owner, { ...change, endsAt: addDays(start, 6) })).toMatchObject({
    error: { code: "RoleAssignmentExists" },
  });
  expect(await updateAssignment(database, owner, { ...change, endsAt: addDays(start, 4) })).toMatchObject({
    error: { failures: [{ rule: "JustificationRule" }] },
  });
});

it("an activation that is approved for later while its cancelation waits is canceled with it", async () => {
  const { database, test, tree } = at;
  const { waiting, first, member, user, read } = await arrangeApproval(database, { tree });
  const id = await waiting({ startsAt: addMinutes(start, 60) });
  const lock = await holdLock(test, "SELECT id FROM requests WHERE id = $1 FOR UPDATE", [id]);
  const approving = approveRequest(database, first, { requestId: id, justification: "Known", proofId: null });
  await lock.waitedFor();
  const canceling = cancelRequest(database, member, { requestId: id, justification: null });
  await lock.waitedFor(2);
  await lock.release();
  expect(await approving).toMatchObject({ ok: true, status: "ScheduleCreated" });
  expect(await canceling).toMatchObject({ ok: true });
  expect(await read(id)).toMatchObject({ status: "Canceled" });
  const rows = await database.client.assignment.findMany({ where: { principalId: user.id } });
  expect(rows).toMatchObject([{ startsAt: rows[0]?.endsAt }]);
});
