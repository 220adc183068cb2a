import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { decideRequests } from "@/lib/operations/requests/decide-requests";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import type { Caller } from "@/lib/platform/caller";
import { requestsToDecide } from "@/lib/queries/requests/approvals";
import { makeAdministration, refusedWith } from "../../support/administration";
import { arrangeApproval, stageOf } from "../../support/approval";
import { approveRequest, denyRequest } from "../../support/decide-one";
import { grant, makeGroup, makeUser } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeAdministration>>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

const because = { justification: "Looked at it", proofId: null };
const approve = (caller: Caller, requestId: string) =>
  approveRequest(at.database, caller, { requestId, ...because });
const waitsFor = async (caller: Caller, requestId: string) =>
  JSON.stringify(await requestsToDecide(at.database, caller, { search: "", after: null })).includes(
    requestId,
  );

/** A request of two stages, each decided by another group. One person is in both groups, another only in the second. */
async function twoGroups() {
  const { database, tree } = at;
  const both = await at.person("Bea Both");
  const second = await at.person("Sam Second");
  const inner = await makeGroup(database, [both.userId], "Inner");
  const first = await makeGroup(database, [inner.id], "First look");
  const last = await makeGroup(database, [both.userId, second.userId], "Second look");
  const approval = await arrangeApproval(database, {
    tree,
    stages: () => [stageOf([first.id]), stageOf([last.id])],
  });
  return { ...approval, both, second, first, last, requestId: await approval.waiting() };
}

describe("one person gives one stage of an approval", () => {
  it("only, though another group asks them at the next one: not by a decision, a batch, or a denial", async () => {
    const { both, second, requestId, read } = await twoGroups();
    expect(await approve(both, requestId)).toMatchObject({ ok: true, status: "PendingApproval" });
    expect(await read(requestId)).toMatchObject({ approval: { stage: 1 } });
    expect(await waitsFor(both, requestId)).toBe(false);
    expect(await waitsFor(second, requestId)).toBe(true);
    const refused = await approve(both, requestId);
    expect(refused).toMatchObject(refusedWith("AuthorizationFailed"));
    expect(JSON.stringify(refused)).toContain("You approved another stage");
    expect(await denyRequest(at.database, both, { requestId, ...because })).toMatchObject(
      refusedWith("AuthorizationFailed"),
    );
    const batch = await decideRequests(at.database, both, {
      decision: "Approve",
      requestIds: [requestId],
      ...because,
    });
    expect(JSON.stringify(batch)).toContain("AuthorizationFailed");
    expect(await read(requestId)).toMatchObject({ status: "PendingApproval", decisions: [{ stage: 0 }] });
    expect(await approve(second, requestId)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("and an administrator decides where that leaves the stage with nobody", async () => {
    const { database, tree } = at;
    const both = await at.person("Bea Both");
    const approval = await arrangeApproval(database, {
      tree,
      stages: () => [stageOf([both.userId]), stageOf([both.userId])],
    });
    const requestId = await approval.waiting();
    expect(await waitsFor(at.owner, requestId)).toBe(false);
    expect(await approve(both, requestId)).toMatchObject({ ok: true });
    expect(await waitsFor(at.owner, requestId)).toBe(true);
    expect(await approve(both, requestId)).toMatchObject(refusedWith("AuthorizationFailed"));
    expect(await approve(at.owner, requestId)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("and an administrator who gave one as such does not give the next", async () => {
    const { database, tree } = at;
    const [first, last] = [
      await makeGroup(database, [], "Empty"),
      await makeGroup(database, [], "Empty too"),
    ];
    const approval = await arrangeApproval(database, {
      tree,
      stages: () => [stageOf([first.id]), stageOf([last.id])],
    });
    const requestId = await approval.waiting();
    expect(await approve(at.owner, requestId)).toMatchObject({ ok: true });
    expect(await waitsFor(at.owner, requestId)).toBe(false);
    expect(await approve(at.owner, requestId)).toMatchObject(refusedWith("AuthorizationFailed"));
    const another = await at.person("Otto Owner");
    await grant(database, "active", another.userId, ownerRoleId, tree.root.id);
    expect(await approve(another, requestId)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("also where the settings changed around the stage that they gave", async () => {
    const { database, tree } = at;
    const both = await at.person("Bea Both");
    const other = await makeUser(database, "Oda Other");
    const approval = await arrangeApproval(database, {
      tree,
      stages: () => [stageOf([both.userId]), stageOf([other.id])],
    });
    const requestId = await approval.waiting();
    expect(await approve(both, requestId)).toMatchObject({ ok: true });
    const policy = await database.client.roleManagementPolicy.findFirstOrThrow({
      where: { roleDefinitionId: approval.role.id },
    });
    const input = {
      roleDefinitionId: approval.role.id,
      resourceId: tree.subscription.id,
      expectedVersion: policy.version,
      settings: {
        ...approval.settings,
        approvalStages: [stageOf([both.userId]), stageOf([both.userId, other.id])],
      },
    };
    const proofId = await at.prove({ kind: "UpdateRoleSettings", ...input });
    const edit = await updateRoleSettings(database, at.owner, { ...input, proofId });
    expect(edit).toMatchObject({ ok: true });
    expect(await approve(both, requestId)).toMatchObject(refusedWith("AuthorizationFailed"));
    expect(await approval.read(requestId)).toMatchObject({
      status: "PendingApproval",
      approval: { stage: 1 },
    });
  });
});
