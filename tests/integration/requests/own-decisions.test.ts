import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addDays } from "@/lib/domain/time/schedule";
import { createAccessReview } from "@/lib/operations/access-reviews/create-access-review";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { decideExtension } from "@/lib/operations/assignments/decide-extension";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { setManager } from "@/lib/operations/people/set-manager";
import { decideRequests } from "@/lib/operations/requests/decide-requests";
import type { Caller } from "@/lib/platform/caller";
import { reviewInput } from "../../support/access-reviews";
import { makeAdministration, refusedWith } from "../../support/administration";
import { arrangeApproval, stageOf } from "../../support/approval";
import { approveRequest } from "../../support/decide-one";
import { grant, makeGroup, makeRole } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeAdministration>>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

const because = { justification: "Fine by me", proofId: null };
const own = refusedWith("OwnRequest");

/** Every way to approve, with its result. */
async function approveByEveryWay(caller: Caller, requestId: string): Promise<void> {
  expect(await approveRequest(at.database, caller, { requestId, ...because })).toMatchObject(own);
  const several = { decision: "Approve" as const, requestIds: [requestId], ...because };
  expect(JSON.stringify(await decideRequests(at.database, caller, several))).toContain("OwnRequest");
}

describe("nobody decides for themselves", () => {
  it("as an approver of their own activation, by name, through groups in groups, or joined since they asked", async () => {
    const { database, tree } = at;
    const inner = await makeGroup(database, [], "Inner");
    const outer = await makeGroup(database, [inner.id], "Outer");
    const approval = await arrangeApproval(database, { tree, stages: () => [stageOf([outer.id])] });
    const requestId = await approval.waiting();
    await database.client.groupMember.create({ data: { groupId: inner.id, memberId: approval.user.id } });
    await approveByEveryWay(approval.member, requestId);
    const caller = await at.person("Nell Named");
    const named = await arrangeApproval(database, { tree, stages: () => [stageOf([caller.userId])] });
    const eligibility = await grant(database, "eligible", caller.userId, named.role.id, tree.subscription.id);
    await approveByEveryWay(caller, await named.waiting({ caller, eligibilityId: eligibility.id }));
  });

  it("as an escalation approver, or as an administrator because no approver is able", async () => {
    const { database, tree } = at;
    const empty = await makeGroup(database, [], "Empty");
    const approval = await arrangeApproval(database, { tree, stages: () => [stageOf([empty.id])] });
    const requestId = await approval.waiting();
    await grant(database, "active", approval.user.id, ownerRoleId, tree.root.id);
    await approveByEveryWay(approval.member, requestId);
    expect(await approveRequest(database, at.owner, { requestId, ...because })).toMatchObject({ ok: true });
  });

  it("as an administrator of their own extension, or their group's", async () => {
    const { database, tree } = at;
    const role = await makeRole(database, "Reader", { actions: ["*/read"] });
    const [caller, colleague] = [await at.person("Ada Both"), await at.person("Carl Colleague")];
    await grant(database, "active", caller.userId, ownerRoleId, tree.root.id);
    const group = await makeGroup(database, [caller.userId, colleague.userId], "Team");
    const until = { startsAt: addDays(now, -60), endsAt: addDays(now, 5) };
    const endsAt = addDays(now, 60);
    for (const [holder, asker] of [
      [caller.userId, caller],
      [group.id, colleague],
    ] as const) {
      const access = await grant(database, "eligible", holder, role.id, tree.subscription.id, until);
      const proposal = {
        assignmentType: "Eligible" as const,
        id: access.id,
        endsAt,
        justification: "Goes on",
      };
      const asked = await requestExtension(database, asker, proposal);
      if (!asked.ok) throw new Error(JSON.stringify(asked.error));
      const decision = {
        decision: "Approve" as const,
        assignmentType: "Eligible" as const,
        startsAt: null,
        endsAt,
      };
      const input = { requestId: asked.requestId, decision, ...because };
      expect(await decideExtension(database, caller, input)).toMatchObject(own);
    }
  });

  it("as a reviewer of their own access or their group's, nor as their own manager", async () => {
    const { database, tree } = at;
    const role = await makeRole(database, "Reader", { actions: ["*/read"] });
    const caller = await at.person("Rita Reviewer");
    const inner = await makeGroup(database, [caller.userId], "Inner");
    const outer = await makeGroup(database, [inner.id], "Outer");
    for (const holder of [caller.userId, outer.id])
      await grant(database, "eligible", holder, role.id, tree.subscription.id);
    expect(
      await setManager(database, at.owner, {
        ...{ userId: caller.userId, managerId: caller.userId, proofId: null },
      }),
    ).toMatchObject(refusedWith("InvalidInput"));
    const plan = reviewInput({
      resourceId: tree.subscription.id,
      roleDefinitionIds: [role.id],
      reviewers: "Selected",
      reviewerIds: [caller.userId, outer.id],
    });
    const made = await createAccessReview(database, at.owner, plan);
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    const items = await database.client.accessReviewItem.findMany({ where: { reviewId: made.reviewId } });
    expect(items).toHaveLength(2);
    for (const { id } of items)
      expect(
        await decideAccessReview(database, caller, {
          reviewId: made.reviewId,
          itemIds: [id],
          decision: "Approve",
          reason: "Mine",
          seen: new Map(),
        }),
      ).toMatchObject(refusedWith("NotFound"));
  });
});
