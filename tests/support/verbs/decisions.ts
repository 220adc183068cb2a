import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays } from "@/lib/domain/time/schedule";
import { applyAccessReview } from "@/lib/operations/access-reviews/apply-access-review";
import { createAccessReview } from "@/lib/operations/access-reviews/create-access-review";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { deleteAccessReview } from "@/lib/operations/access-reviews/delete-access-review";
import { endReviewSeries } from "@/lib/operations/access-reviews/end-review-series";
import { remindReviewers } from "@/lib/operations/access-reviews/remind-reviewers";
import { resetAccessReview } from "@/lib/operations/access-reviews/reset-access-review";
import { stopAccessReview } from "@/lib/operations/access-reviews/stop-access-review";
import { takeOverAccessReview } from "@/lib/operations/access-reviews/take-over-access-review";
import {
  takeRecommendations,
  undoRecommendations,
} from "@/lib/operations/access-reviews/take-recommendations";
import { updateAccessReview } from "@/lib/operations/access-reviews/update-access-review";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { approveExtensionOperation, decideExtension } from "@/lib/operations/assignments/decide-extension";
import { approveExtensionsOperation, decideExtensions } from "@/lib/operations/assignments/decide-extensions";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { breakGlass, breakGlassOperation } from "@/lib/operations/requests/break-glass";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import { closeBreakGlass } from "@/lib/operations/requests/close-break-glass";
import { decideRequests } from "@/lib/operations/requests/decide-requests";
import { provisionRequest, provisionRequestOperation } from "@/lib/operations/requests/provision-request";
import type { Caller } from "@/lib/platform/caller";
import { reviewInput } from "../access-reviews";
import { approvedBy, setSettings, stageOf } from "../approval";
import { approveRequest } from "../decide-one";
import { grant, makeCaller, makeGroup, makeProof, makeRole, makeUser } from "../factories";
import { because, type Ground, given, verb } from "./verb";

/** A waiting request to activate a role at the place. */
async function waiting({ at, place }: Ground, more: Partial<RoleSettings> = {}) {
  const { database } = at;
  const role = await makeRole(database, "Operator", { actions: ["*/read"] });
  const [approver, member] = [await at.person("Anna Approver"), await at.person("Rita Requester")];
  const settings = approvedBy([stageOf([approver.userId])], more);
  await setSettings(database, role.id, place.id, settings);
  const eligibility = await grant(database, "eligible", member.userId, role.id, place.id);
  const input = { eligibilityId: eligibility.id, resourceId: place.id, startsAt: null, durationMinutes: 60 };
  const proofId = await makeProof(database, member, { kind: "ActivateRole", ...input });
  const rest = { ...because, ticketNumber: null, ticketSystem: null, proofId };
  const asked = await activateRole(database, member, { ...input, ...rest });
  if (!asked.ok || asked.status !== "PendingApproval") throw new Error(JSON.stringify(asked));
  return { approver, member, requestId: asked.requestId };
}

/** A request at the place that its member approved in an emergency. */
async function emergency(ground: Ground) {
  const asked = await waiting(ground, { breakGlassMaximumMinutes: 60 });
  const input = { requestId: asked.requestId, durationMinutes: 60, ...because };
  const { database } = ground.at;
  const proofId = await makeProof(database, asked.member, breakGlassOperation(input));
  const used = await breakGlass(database, asked.member, { ...input, proofId });
  if (!used.ok) throw new Error(JSON.stringify(used));
  return asked;
}

/** A request for more time at the place. */
async function extension({ at, now, place }: Ground) {
  const { database } = at;
  const role = await makeRole(database, "Reader", { actions: ["*/read"] });
  const member = await at.person("Rita Requester");
  const access = await grant(database, "eligible", member.userId, role.id, place.id, {
    startsAt: addDays(now, -60),
    endsAt: addDays(now, 5),
  });
  const endsAt = addDays(now, 60);
  const input = { assignmentType: "Eligible" as const, id: access.id, endsAt, ...because };
  const asked = await requestExtension(database, member, input);
  if (!asked.ok) throw new Error(JSON.stringify(asked));
  return { requestId: asked.requestId, endsAt, access };
}

/** A review of the place by somebody. */
async function review(
  ground: Ground,
  input: Partial<Parameters<typeof reviewInput>[0]> = {},
  startedBy: Caller = ground.admin,
) {
  const { at, place } = ground;
  const { database } = at;
  const role = await makeRole(database, "Reader", { actions: ["*/read"] });
  const member = await makeUser(database, "Mel Member");
  const holder = input.eachMember ? await makeGroup(database, [], "Operators") : member;
  await grant(database, "eligible", holder.id, role.id, place.id);
  if (holder !== member) {
    const membership = { groupId: holder.id, memberId: member.id, addedAt: addDays(ground.now, -90) };
    await database.client.groupMember.create({ data: membership });
  }
  const reviewer = await at.person("Rita Reviewer");
  const plan = reviewInput({
    resourceId: place.id,
    roleDefinitionIds: [role.id],
    reviewers: "Selected",
    reviewerIds: [reviewer.userId],
    ...input,
  });
  const made = await createAccessReview(database, startedBy, plan);
  if (!made.ok) throw new Error(JSON.stringify(made));
  const items = await database.client.accessReviewItem.findMany({ where: { reviewId: made.reviewId } });
  return { reviewId: made.reviewId, itemIds: items.map((item) => item.id), reviewer };
}

/** Verbs that decide on requests and reviews. */
export const verbsOfDecisions = {
  "denying several requests": verb("decide-requests", async (ground) => {
    const { approver, requestId } = await waiting(ground);
    return given({
      caller: approver,
      input: { requestIds: [requestId], decision: "Deny" as const, ...because },
      run: (caller, input, proofId) => decideRequests(ground.at.database, caller, { ...input, proofId }),
    });
  }),
  "approving several requests": verb("decide-requests", async (ground) => {
    const { approver, requestId } = await waiting(ground);
    return given({
      caller: approver,
      input: { requestIds: [requestId], decision: "Approve" as const, ...because },
      run: (caller, input, proofId) => decideRequests(ground.at.database, caller, { ...input, proofId }),
    });
  }),
  "taking up what was approved": verb("provision-request", async (ground) => {
    const { approver, member, requestId } = await waiting(ground, { provisioningRequiresMfa: true });
    const approved = await approveRequest(ground.at.database, approver, {
      requestId,
      ...because,
      proofId: null,
    });
    if (!approved.ok) throw new Error(JSON.stringify(approved));
    return given({
      caller: member,
      input: { requestId },
      operation: (input) => provisionRequestOperation(input.requestId),
      run: (caller, input, proofId) => provisionRequest(ground.at.database, caller, { ...input, proofId }),
    });
  }),
  "approving one's own request in an emergency": verb("break-glass", async (ground) => {
    const { member, requestId } = await waiting(ground, { breakGlassMaximumMinutes: 60 });
    return given({
      caller: member,
      input: { requestId, durationMinutes: 60, ...because },
      operation: (input) => breakGlassOperation(input),
      run: (caller, input, proofId) => breakGlass(ground.at.database, caller, { ...input, proofId }),
    });
  }),
  "closing the review of an emergency as an approver": verb("close-break-glass", async (ground) => {
    const { approver, requestId } = await emergency(ground);
    return given({
      caller: approver,
      input: { requestId, outcome: "Justified" as const, endActivation: true, ...because },
      run: (caller, input) => closeBreakGlass(ground.at.database, caller, input),
    });
  }),
  "closing the review of an emergency as an administrator": verb("close-break-glass", async (ground) => {
    const { requestId } = await emergency(ground);
    return given({
      caller: ground.admin,
      input: { requestId, outcome: "NotJustified" as const, endActivation: false, ...because },
      run: (caller, input) => closeBreakGlass(ground.at.database, caller, input),
    });
  }),
  "canceling a request": verb("cancel-request", async (ground) => {
    const { member, requestId } = await waiting(ground);
    return given({
      caller: member,
      input: { requestId, ...because },
      run: (caller, input) => cancelRequest(ground.at.database, caller, input),
    });
  }),
  "approving an extension": verb("decide-extension", async (ground) => {
    const { requestId, endsAt } = await extension(ground);
    const decision = {
      decision: "Approve" as const,
      assignmentType: "Eligible" as const,
      startsAt: null,
      endsAt,
    };
    return given({
      caller: ground.admin,
      input: { requestId, decision, ...because },
      operation: (input) => approveExtensionOperation({ ...input, startsAt: null, endsAt }),
      run: (caller, input, proofId) => decideExtension(ground.at.database, caller, { ...input, proofId }),
    });
  }),
  "approving several extensions": verb("decide-extensions", async (ground) => {
    const { requestId, access } = await extension(ground);
    return given({
      caller: ground.admin,
      input: {
        rows: [{ id: requestId, expectedEnd: access.endsAt }],
        decision: "Approve" as const,
        ...because,
      },
      operation: (input) => approveExtensionsOperation(input.rows),
      run: (caller, input, proofId) => decideExtensions(ground.at.database, caller, { ...input, proofId }),
    });
  }),
  "starting an access review": verb(
    "create-access-review",
    async (ground) => {
      const { at, place } = ground;
      const role = await makeRole(at.database, "Reader", { actions: ["*/read"] });
      await grant(at.database, "eligible", (await makeUser(at.database)).id, role.id, place.id);
      return given({
        caller: ground.admin,
        input: reviewInput({
          resourceId: place.id,
          roleDefinitionIds: [role.id],
          reviewers: "Selected",
          reviewerIds: [(await makeUser(at.database)).id],
          informedIds: [(await makeUser(at.database)).id],
        }),
        run: (caller, input) => createAccessReview(at.database, caller, input),
      });
    },
    ["reviewerIds", "informedIds", "name"],
  ),
  "deciding in an access review": verb("decide-access-review", async (ground) => {
    const { reviewId, itemIds, reviewer } = await review(ground);
    return given({
      caller: reviewer,
      input: { reviewId, itemIds, decision: "Deny" as const, reason: "No longer needed", seen: new Map() },
      run: (caller, input) => decideAccessReview(ground.at.database, caller, input),
    });
  }),
  "taking the recommendations of an access review": verb("take-recommendations", async (ground) => {
    const { reviewId, itemIds, reviewer } = await review(ground);
    return given({
      caller: reviewer,
      input: { reviewId, itemIds, reason: "As recommended" },
      run: (caller, input) => takeRecommendations(ground.at.database, caller, input),
    });
  }),
  "undoing the recommendations of an access review": verb("take-recommendations", async (ground) => {
    const { reviewId, itemIds, reviewer } = await review(ground);
    const taken = await takeRecommendations(ground.at.database, reviewer, {
      reviewId,
      itemIds,
      reason: null,
    });
    if (!taken.ok) throw new Error(taken.error.code);
    return given({
      caller: reviewer,
      input: { reviewId, actionId: taken.actionId },
      run: (caller, input) => undoRecommendations(ground.at.database, caller, input),
    });
  }),
  "editing an access review": verb(
    "update-access-review",
    async (ground) => {
      const { reviewId } = await review(ground);
      return given({
        caller: ground.admin,
        input: {
          reviewId,
          expectedVersion: 1,
          description: "For the auditors",
          reviewerIds: [(await makeUser(ground.at.database)).id],
          informedIds: [(await makeUser(ground.at.database)).id],
          endsAt: null,
        },
        run: (caller, input) => updateAccessReview(ground.at.database, caller, input),
      });
    },
    ["reviewerIds", "informedIds"],
  ),
  "reminding the reviewers of an access review": verb("remind-reviewers", async (ground) =>
    given({
      caller: ground.admin,
      input: { reviewId: (await review(ground)).reviewId },
      run: (caller, input) => remindReviewers(ground.at.database, caller, input),
    }),
  ),
  "resetting the answers of an access review": verb("reset-access-review", async (ground) => {
    const { reviewId, itemIds, reviewer } = await review(ground);
    const denied = { reviewId, itemIds, decision: "Deny" as const, reason: "Has left", seen: new Map() };
    await decideAccessReview(ground.at.database, reviewer, denied);
    return given({
      caller: ground.admin,
      input: { reviewId, itemId: null, reason: "Answered by mistake" },
      run: (caller, input) => resetAccessReview(ground.at.database, caller, input),
    });
  }),
  "deleting a planned access review": verb("delete-access-review", async (ground) =>
    given({
      caller: ground.admin,
      input: { reviewId: (await review(ground, { startsAt: addDays(ground.now, 3) })).reviewId },
      run: (caller, input) => deleteAccessReview(ground.at.database, caller, input),
    }),
  ),
  "stopping an access review": verb("stop-access-review", async (ground) =>
    given({
      caller: ground.admin,
      input: { reviewId: (await review(ground)).reviewId, reason: "Not needed" },
      run: (caller, input) => stopAccessReview(ground.at.database, caller, input),
    }),
  ),
  "ending a series of reviews": verb("end-review-series", async (ground) =>
    given({
      caller: ground.admin,
      input: {
        reviewId: (await review(ground, { recurrence: "Weekly", durationDays: 3 })).reviewId,
        reason: "Not needed",
      },
      run: (caller, input) => endReviewSeries(ground.at.database, caller, input),
    }),
  ),
  "applying an access review": verb("apply-access-review", async (ground) => {
    const { reviewId, itemIds, reviewer } = await review(ground);
    const denied = { reviewId, itemIds, decision: "Deny" as const, reason: "Has left", seen: new Map() };
    await decideAccessReview(ground.at.database, reviewer, denied);
    await stopAccessReview(ground.at.database, ground.admin, { reviewId, reason: "Enough" });
    return given({
      caller: ground.admin,
      input: { reviewId },
      run: (caller, input) => applyAccessReview(ground.at.database, caller, input),
    });
  }),
  "applying an access review of members": verb("apply-access-review", async (ground) => {
    const { reviewId, itemIds, reviewer } = await review(ground, { eachMember: true }, ground.root);
    const denied = { reviewId, itemIds, decision: "Deny" as const, reason: "Has left", seen: new Map() };
    await decideAccessReview(ground.at.database, reviewer, denied);
    await stopAccessReview(ground.at.database, ground.root, { reviewId, reason: "Enough" });
    return given({
      caller: ground.root,
      input: { reviewId },
      run: (caller, input) => applyAccessReview(ground.at.database, caller, input),
    });
  }),
  "taking an access review over": verb("take-over-access-review", async (ground) => {
    const former = await makeCaller(ground.at.database, await makeUser(ground.at.database, "Fred Former"));
    const { reviewId } = await review(ground, {}, ground.root);
    await ground.at.database.client.accessReview.update({
      where: { id: reviewId },
      data: { createdById: former.userId },
    });
    return given({
      caller: ground.admin,
      input: { reviewId },
      run: (caller, input) => takeOverAccessReview(ground.at.database, caller, input),
    });
  }),
};
