import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import { provisionRequest, provisionRequestOperation } from "@/lib/operations/requests/provision-request";
import { revokeOrphanedRequests } from "@/lib/operations/requests/revoke-orphaned-requests";
import { timeOutRequests } from "@/lib/operations/requests/time-out-requests";
import type { Caller } from "@/lib/platform/caller";
import { myRequests } from "@/lib/queries/requests/requests";
import {
  type Administration,
  makeAdministration,
  refusedBy,
  refusedWith,
} from "../../support/administration";
import { arrangeApproval } from "../../support/approval";
import { atOnce, type HeldLock, holdLock, holdPolicy } from "../../support/database/held-lock";
import { grant, makeGroup, pastTheRules } from "../../support/factories";

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

/** A request that is approved and waits for its member's code; eligible directly, or through a group in a group. */
async function arrange(throughGroups = false) {
  const one = await arrangeApproval(at.database, {
    tree: at.tree,
    settings: { provisioningRequiresMfa: true },
  });
  const inner = await makeGroup(at.database, [one.user.id], "Inner");
  const outer = await makeGroup(at.database, [inner.id], "Outer");
  const { eligibility } = throughGroups
    ? { eligibility: await grant(at.database, "eligible", outer.id, one.role.id, at.tree.subscription.id) }
    : one;
  const requestId = await one.approved({ eligibilityId: eligibility.id });
  const enter = async () =>
    provisionRequest(at.database, one.member, {
      requestId,
      proofId: await at.prove(provisionRequestOperation(requestId), one.member),
    });
  const row = async () =>
    (await at.database.client.request.findUniqueOrThrow({ where: { id: requestId } })).status;
  const active = async () =>
    (
      await at.database.client.assignment.findMany({
        where: { principalId: one.user.id, assignmentType: "Activated" },
      })
    ).filter((each) => each.startsAt <= now && (each.endsAt === null || each.endsAt > now)).length;
  const read = async () => {
    const rows = await myRequests(at.database, one.member, { before: null, waiting: false });
    return rows.find((each) => each.id === requestId)?.status;
  };
  return { ...one, eligibility, inner, outer, requestId, enter, row, active, read };
}
type Arranged = Awaited<ReturnType<typeof arrange>>;

const disable = (principalId: string) =>
  disablePrincipal(at.database, at.owner, { principalId, justification: "Left" });
const removeMembers = (groupId: string, memberId: string) =>
  removeGroupMember(at.database, at.owner, { groupId, memberId, justification: null });
const cancelBy = (caller: Caller, requestId: string) =>
  cancelRequest(at.database, caller, { requestId, justification: null });

const takings: { how: string; take: (one: Arranged) => Promise<{ ok: boolean }> }[] = [
  {
    how: "the eligibility is removed",
    take: (one) =>
      removeAssignment(at.database, at.owner, {
        ...{ assignmentType: "Eligible", id: one.eligibility.id, justification: "Not needed" },
      }),
  },
  { how: "the member is disabled", take: (one) => disable(one.user.id) },
  { how: "the member leaves the inner group", take: (one) => removeMembers(one.inner.id, one.user.id) },
  { how: "the inner group leaves the outer one", take: (one) => removeMembers(one.outer.id, one.inner.id) },
  { how: "the eligible group is disabled", take: (one) => disable(one.outer.id) },
];

describe.each(takings)("where $how", ({ take }) => {
  it("before the code, the request is revoked and no code starts it", async () => {
    const one = await arrange(true);
    expect(await take(one)).toMatchObject({ ok: true });
    expect(await one.row()).toBe("Revoked");
    expect(await one.enter()).toMatchObject(refusedWith("RequestNotPending"));
    expect(await one.active()).toBe(0);
  });

  it("while the code waits for the settings, it is refused", async () => {
    const one = await arrange(true);
    const lock = await holdPolicy(at.test, one.role.id, at.tree.subscription.id);
    const entering = one.enter();
    await lock.waitedFor();
    expect(await take(one)).toMatchObject({ ok: true });
    await lock.release();
    expect(await entering).toMatchObject(refusedWith("RequestNotPending"));
    expect(await one.active()).toBe(0);
  });

  it("after the code was past its checks, what it gave ends with the rest", async () => {
    const one = await arrange(true);
    const lock = await holdRequest(one.requestId);
    const entering = one.enter();
    await lock.waitedFor();
    const taking = take(one);
    await lock.waitedFor(2);
    await lock.release();
    expect(await entering).toMatchObject({ ok: true });
    expect(await taking).toMatchObject({ ok: true });
    expect(await one.active()).toBe(0);
    expect(await one.row()).toBe("Provisioned");
  });
});

const holdRequest = (requestId: string): Promise<HeldLock> =>
  holdLock(at.test, "SELECT id FROM requests WHERE id = $1 FOR UPDATE", [requestId]);

it("a request that was revoked does not come back with its member", async () => {
  const one = await arrange();
  await disable(one.user.id);
  const proofId = await at.prove({ kind: "EnablePrincipal", principalId: one.user.id });
  const enabled = await enablePrincipal(at.database, at.owner, {
    ...{ principalId: one.user.id, justification: "Back", proofId },
  });
  expect(enabled).toMatchObject({ ok: true });
  expect(await one.enter()).toMatchObject(refusedWith("RequestNotPending"));
  expect(await one.active()).toBe(0);
});

it("what ended by itself is read as revoked at once, and written down by the worker as having waited for a code", async () => {
  const one = await arrange();
  const endsAt = addMinutes(start, 60);
  await pastTheRules(at.database, (to) =>
    to.eligibility.update({ where: { id: one.eligibility.id }, data: { endsAt } }),
  );
  now = endsAt;
  expect(await one.read()).toBe("Revoked");
  expect(await one.enter()).toMatchObject(refusedWith("RequestNotPending"));
  // The first outcome stays: the time to enter the code ends later.
  now = addDays(start, 3);
  expect(await one.read()).toBe("Revoked");
  await timeOutRequests(at.database);
  expect(await one.row()).toBe("PendingProvisioning");
  await revokeOrphanedRequests(at.database);
  expect(await one.row()).toBe("Revoked");
  const event = await at.database.client.auditEvent.findFirstOrThrow({
    where: { requestId: one.requestId, kind: "RequestRevoked" },
  });
  expect(event.details).toMatchObject({ awaitedCode: true });
});

it("of two codes entered at once, one starts it and the other is refused with that reason", async () => {
  const one = await arrange();
  const lock = await holdRequest(one.requestId);
  const entering = [one.enter(), one.enter()];
  await lock.waitedFor(2);
  await lock.release();
  const results = await Promise.all(entering);
  expect(results.filter((result) => result.ok)).toHaveLength(1);
  expect(results.filter((result) => !result.ok)).toMatchObject([refusedWith("RequestNotPending")]);
  expect(await one.active()).toBe(1);
  const spent = await at.database.client.stepUpProof.count({
    where: { userId: one.user.id, spentAt: { not: null } },
  });
  expect(spent).toBe(2);
});

it("one proof sent twice at once starts it once", async () => {
  const one = await arrange();
  const proofId = await at.prove(provisionRequestOperation(one.requestId), one.member);
  const input = { requestId: one.requestId, proofId };
  const results = await atOnce(
    at.test,
    [1, 2, 3].map(() => () => provisionRequest(at.database, one.member, input)),
  );
  expect(results.filter((result) => result.ok)).toHaveLength(1);
  expect(await one.active()).toBe(1);
});

it.each(["member", "administrator"])(
  "a cancelation by the %s and a code at once come one after the other",
  async (who) => {
    for (const first of ["cancel", "enter"] as const) {
      const one = await arrange();
      const caller = who === "member" ? one.member : at.owner;
      const lock = await holdRequest(one.requestId);
      const begin = { cancel: () => cancelBy(caller, one.requestId), enter: one.enter };
      const leading = begin[first]();
      await lock.waitedFor();
      const following = begin[first === "cancel" ? "enter" : "cancel"]();
      await lock.waitedFor(2);
      await lock.release();
      expect(await leading).toMatchObject({ ok: true });
      expect(await following).toMatchObject(refusedWith("RequestNotPending"));
      expect(await one.active()).toBe(first === "enter" ? 1 : 0);
    }
  },
);

it("the deadline that passes while the code waits for a lock has passed", async () => {
  // Uses the database's own clock: a moved one does not advance within a transaction.
  const real = await makeAdministration();
  try {
    const one = await arrangeApproval(real.database, {
      tree: real.tree,
      settings: { provisioningRequiresMfa: true },
    });
    const requestId = await one.approved();
    const proofId = await real.prove(provisionRequestOperation(requestId), one.member);
    const sql = "SELECT id FROM requests WHERE id = $1 FOR UPDATE";
    const lock = await holdLock(real.test, sql, [requestId]);
    const entering = provisionRequest(real.database, one.member, { requestId, proofId });
    await lock.waitedFor();
    const passes = "UPDATE request_approvals SET expires_at = clock_timestamp() WHERE request_id = $1";
    await real.test.asOwner(passes, [requestId]);
    await lock.release();
    expect(await entering).toMatchObject(refusedWith("RequestNotPending"));
    const [row] = await myRequests(real.database, one.member, { before: null, waiting: false });
    expect(row).toMatchObject({ status: "TimedOut" });
  } finally {
    await real.test.drop();
  }
});

it("settings made stricter while the code waits for them are those that judge it", async () => {
  const one = await arrange();
  const edit = await holdLock(
    at.test,
    "UPDATE role_management_policies SET activation_requires_ticket = TRUE WHERE role_definition_id = $1",
    [one.role.id],
  );
  const entering = one.enter();
  await edit.waitedFor();
  await edit.release();
  expect(await entering).toMatchObject(refusedBy("TicketingRule", "TicketingRule"));
  expect(await one.active()).toBe(0);
});
