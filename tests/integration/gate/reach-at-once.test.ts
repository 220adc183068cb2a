import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import { confirmImport } from "@/lib/operations/imports/confirm-import";
import { stageImport } from "@/lib/operations/imports/stage-import";
import { addGroupMembers, addGroupMembersOperation } from "@/lib/operations/people/add-group-members";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import { decideRequestsOperation } from "@/lib/operations/requests/decide-request-in";
import { makeAdministration } from "../../support/administration";
import { approvedBy, arrangeApproval, setSettings, stageOf } from "../../support/approval";
import { holdLock, holdPolicy } from "../../support/database/held-lock";
import { approveRequest } from "../../support/decide-one";
import { grant, makeCaller, makeGroup, makeRole, makeUser } from "../../support/factories";

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

const open = { ...defaultRoleSettings, activationRequiresMfa: false };

/** A member who may activate a role through a group in a group, and is about to do so. */
async function throughGroups(settings = open) {
  const { database, tree } = at;
  const role = await makeRole(database, "Contributor", { actions: ["*/read"] });
  await setSettings(database, role.id, tree.subscription.id, settings);
  const user = await makeUser(database, "Mia Member");
  const member = await makeCaller(database, user);
  const inner = await makeGroup(database, [user.id], "Inner");
  const outer = await makeGroup(database, [inner.id], "Outer");
  const eligibility = await grant(database, "eligible", outer.id, role.id, tree.subscription.id);
  const prove = () =>
    at.prove(
      {
        kind: "ActivateRole",
        eligibilityId: eligibility.id,
        resourceId: tree.subscription.id,
        startsAt: null,
        durationMinutes: 60,
      },
      member,
    );
  const activate = (proofId: string | null = null) =>
    activateRole(database, member, {
      eligibilityId: eligibility.id,
      resourceId: tree.subscription.id,
      startsAt: null,
      durationMinutes: 60,
      justification: "Fix the outage",
      ticketNumber: null,
      ticketSystem: null,
      proofId,
    });
  return { prove, role, user, member, inner, outer, eligibility, activate };
}

type Arranged = Awaited<ReturnType<typeof throughGroups>>;

const disable = (principalId: string) =>
  disablePrincipal(at.database, at.owner, { principalId, justification: "Left" });
const enable = async (principalId: string) =>
  enablePrincipal(at.database, at.owner, {
    principalId,
    justification: "Back",
    proofId: await at.prove({ kind: "EnablePrincipal", principalId }),
  });
const removeMembers = (groupId: string, memberId: string) =>
  removeGroupMember(at.database, at.owner, { groupId, memberId, justification: null });

/** An import of the group's members contains somebody else, and not the member. */
async function importWithout(groupId: string, memberId: string): Promise<{ ok: boolean }> {
  const { database, owner } = at;
  const other = await makeUser(database, "Otto Other");
  await database.client.groupMember.create({ data: { groupId, memberId: other.id } });
  const read = await stageImport(database, owner, {
    kind: "GroupMembers",
    fileName: "members.json",
    content: JSON.stringify([{ id: other.id, displayName: other.displayName }]),
    capToMaximum: false,
    group: groupId,
    removeMembers: true,
  });
  if (!read.ok) return read;
  const { importId } = read;
  const confirmed = await confirmImport(database, owner, {
    importId,
    justification: "As filed",
    proofId: null,
  });
  await applyImports(database);
  const left = await database.client.groupMember.count({ where: { groupId, memberId } });
  return { ok: confirmed.ok && left === 0 };
}

const takings: { how: string; take: (one: Arranged) => Promise<{ ok: boolean }> }[] = [
  { how: "the member leaves the inner group", take: (one) => removeMembers(one.inner.id, one.user.id) },
  { how: "the inner group leaves the outer one", take: (one) => removeMembers(one.outer.id, one.inner.id) },
  { how: "an import takes the member out", take: (one) => importWithout(one.inner.id, one.user.id) },
  { how: "the member is disabled", take: (one) => disable(one.user.id) },
  { how: "the group between is disabled", take: (one) => disable(one.inner.id) },
  { how: "the eligible group is disabled", take: (one) => disable(one.outer.id) },
];

describe.each(takings)("while $how", ({ take }) => {
  it("an activation that waits for the settings is refused, and its own eligibility stays free", async () => {
    const one = await throughGroups();
    const { database, tree, test } = at;
    const lock = await holdPolicy(test, one.role.id, tree.subscription.id);
    const activating = one.activate();
    await lock.waitedFor();
    expect(await take(one)).toMatchObject({ ok: true });
    await lock.release();
    expect(await activating).toMatchObject({ ok: false, error: { code: "RoleAssignmentDoesNotExist" } });
    const rows = { where: { principalId: one.user.id, assignmentType: "Activated" as const } };
    expect(await database.client.assignment.count(rows)).toBe(0);
  });

  it("one that waits for the eligibility is refused as well", async () => {
    const one = await throughGroups();
    const sql = "SELECT id FROM eligibilities WHERE id = $1 FOR UPDATE";
    const lock = await holdLock(at.test, sql, [one.eligibility.id]);
    const activating = one.activate();
    await lock.waitedFor();
    expect(await take(one)).toMatchObject({ ok: true });
    await lock.release();
    expect(await activating).toMatchObject({ ok: false });
  });

  it("asking for approval leaves no request that waits", async () => {
    const approver = await makeUser(at.database, "Anna Approver");
    const one = await throughGroups(approvedBy([stageOf([approver.id])], { activationRequiresMfa: false }));
    const lock = await holdPolicy(at.test, one.role.id, at.tree.subscription.id);
    const asking = one.activate();
    await lock.waitedFor();
    expect(await take(one)).toMatchObject({ ok: true });
    await lock.release();
    expect(await asking).toMatchObject({ ok: false });
    const rows = { where: { principalId: one.user.id } };
    expect(await at.database.client.request.count(rows)).toBe(0);
  });

  it("the last approval gives nothing", async () => {
    const user = await makeUser(at.database, "Anna Approver");
    const approver = await makeCaller(at.database, user);
    const one = await throughGroups(approvedBy([stageOf([user.id])], { activationRequiresMfa: false }));
    const asked = await one.activate();
    if (!asked.ok) throw new Error(JSON.stringify(asked));
    const lock = await holdPolicy(at.test, one.role.id, at.tree.subscription.id);
    const decision = { requestId: asked.requestId, justification: "Known outage", proofId: null };
    const approving = approveRequest(at.database, approver, decision);
    await lock.waitedFor();
    expect(await take(one)).toMatchObject({ ok: true });
    await lock.release();
    expect(await approving).toMatchObject({ ok: false, error: { code: "RequestNotPending" } });
    const rows = { where: { principalId: one.user.id, assignmentType: "Activated" as const } };
    expect(await at.database.client.assignment.count(rows)).toBe(0);
  });
});

describe("taking reach away", () => {
  it("waits for an activation that is past its checks, and then ends it", async () => {
    const { database, tree, test } = at;
    for (const { how, take } of takings) {
      const one = await throughGroups(defaultRoleSettings);
      const proofId = await one.prove();
      // The proof is spent after the member's reach is read.
      const lock = await holdLock(test, "SELECT id FROM step_up_proofs WHERE id = $1 FOR UPDATE", [proofId]);
      const activating = one.activate(proofId);
      await lock.waitedFor();
      const taking = take(one);
      await lock.waitedFor(2);
      await lock.release();
      const [activated, taken] = await Promise.all([activating, taking]);
      expect([how, activated, taken]).toMatchObject([how, { ok: true }, { ok: true }]);
      const rows = await database.client.assignment.findMany({
        where: { principalId: one.user.id, resourceId: tree.subscription.id, assignmentType: "Activated" },
      });
      expect(rows.map(({ endsAt }) => endsAt)).toEqual([now]);
    }
  });

  it("waits for the last approval that is past its checks, and then ends what it gave", async () => {
    const { database, test } = at;
    const user = await makeUser(database, "Anna Approver");
    const approver = await makeCaller(database, user);
    const strict = { activationRequiresMfa: false, approvalRequiresStepUp: true };
    for (const { how, take } of takings) {
      const one = await throughGroups(approvedBy([stageOf([user.id])], strict));
      const asked = await one.activate();
      if (!asked.ok) throw new Error(JSON.stringify(asked));
      const { requestId } = asked;
      const proofId = await at.prove(decideRequestsOperation("Approve", [requestId]), approver);
      const lock = await holdLock(test, "SELECT id FROM step_up_proofs WHERE id = $1 FOR UPDATE", [proofId]);
      const decision = { requestId, justification: "Known outage", proofId };
      const approving = approveRequest(database, approver, decision);
      await lock.waitedFor();
      const taking = take(one);
      await lock.waitedFor(2);
      await lock.release();
      const [approved, taken] = await Promise.all([approving, taking]);
      expect([how, approved, taken]).toMatchObject([how, { ok: true, status: "Provisioned" }, { ok: true }]);
      const rows = await database.client.assignment.findMany({
        where: { principalId: one.user.id, assignmentType: "Activated" },
      });
      expect(rows.map(({ endsAt }) => endsAt)).toEqual([now]);
    }
  });

  it("refuses an extension asked through the group meanwhile", async () => {
    const one = await throughGroups();
    const endsAt = addDays(start, 3);
    const { id } = await grant(at.database, "eligible", one.outer.id, one.role.id, at.tree.group.id, {
      endsAt,
    });
    const proposal = { id, endsAt: addDays(start, 30), justification: "Still on call" };
    await setSettings(at.database, one.role.id, at.tree.group.id, open);
    const lock = await holdPolicy(at.test, one.role.id, at.tree.group.id);
    const asking = requestExtension(at.database, one.member, { assignmentType: "Eligible", ...proposal });
    await lock.waitedFor();
    expect(await removeMembers(one.inner.id, one.user.id)).toMatchObject({ ok: true });
    await lock.release();
    expect(await asking).toMatchObject({ ok: false, error: { code: "NotFound" } });
  });
});

describe("what slipped in while there was no reach", () => {
  const slipIn = async () => {
    const arranged = await arrangeApproval(at.database, { tree: at.tree });
    return { ...arranged, id: await arranged.waiting() };
  };
  const eventsOf = async (requestId: string) =>
    (
      await at.database.client.auditEvent.findMany({ where: { requestId }, orderBy: { sequence: "asc" } })
    ).map(({ kind }) => kind);

  it("is revoked for good before its member is enabled", async () => {
    const { database } = at;
    const { user, id, read, first } = await slipIn();
    await database.client.principal.update({ where: { id: user.id }, data: { disabledAt: now } });
    expect(await enable(user.id)).toMatchObject({ ok: true });
    expect(await read(id)).toMatchObject({ status: "Revoked" });
    expect(await eventsOf(id)).toEqual(["ActivationRequested", "RequestRevoked"]);
    const decision = { requestId: id, justification: "Known outage", proofId: null };
    expect(await approveRequest(database, first, decision)).toMatchObject({
      error: { code: "RequestNotPending" },
    });
  });

  it("is revoked before a group on its way is enabled, or the member joins again", async () => {
    const { database } = at;
    const user = await makeUser(database, "Anna Approver");
    for (const lost of ["disabled", "membership", "outer membership"] as const) {
      const one = await throughGroups(approvedBy([stageOf([user.id])], { activationRequiresMfa: false }));
      const asked = await one.activate();
      if (!asked.ok) throw new Error(JSON.stringify(asked));
      const [groupId, memberId] =
        lost === "membership" ? [one.inner.id, one.user.id] : [one.outer.id, one.inner.id];
      if (lost === "disabled") {
        await database.client.principal.update({ where: { id: one.inner.id }, data: { disabledAt: now } });
        expect(await enable(one.inner.id)).toMatchObject({ ok: true });
      } else {
        await database.client.groupMember.delete({
          where: { groupId_memberId: { groupId, memberId } },
        });
        const members = { groupId, memberIds: [memberId] };
        const proofId = await at.prove(addGroupMembersOperation(members));
        const joining = { ...members, justification: "Back", proofId };
        expect(await addGroupMembers(database, at.owner, joining)).toMatchObject({ ok: true });
      }
      const row = await database.client.request.findUniqueOrThrow({ where: { id: asked.requestId } });
      expect(row.status).toBe("Revoked");
    }
  });

  it("has timed out where that came before the loss", async () => {
    const arranged = await arrangeApproval(at.database, {
      tree: at.tree,
      stages: (ids) => [stageOf(ids, { timeoutHours: 1 })],
    });
    const id = await arranged.waiting();
    now = addMinutes(start, 90);
    expect(await disable(arranged.user.id)).toMatchObject({ ok: true });
    expect((await arranged.read(id)).status).not.toBe("Revoked");
  });
});
