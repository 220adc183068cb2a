import type { ApprovalStage } from "@/lib/domain/roles/approval-settings";
import { addDays } from "@/lib/domain/time/schedule";
import { beginEnrolment, confirmEnrolment } from "@/lib/identity/factors/authenticator";
import { createAccessReview } from "@/lib/operations/access-reviews/create-access-review";
import { requestRenewal } from "@/lib/operations/assignments/request-renewal";
import { breakGlass, breakGlassOperation } from "@/lib/operations/requests/break-glass";
import { reviewInput } from "./access-reviews";
import type { makeAdministration } from "./administration";
import { appCode } from "./app-code";
import { approvedBy, arrangeApproval, setSettings, stageOf } from "./approval";
import { grant, makeCaller, makeRole, makeUser } from "./factories";

export type Organisation = Awaited<ReturnType<typeof makeAdministration>>;

/** One kind of privilege: how a principal gets it, and its name in `privilegesOf`. */
export interface PrivilegeKind {
  readonly called: string;
  /** The columns that name its holder. */
  readonly columns: readonly string[];
  /** Who can hold it. */
  readonly types: readonly ("User" | "Group")[];
  give(at: Organisation, principalId: string): Promise<unknown>;
}

const readerAt = async ({ database }: Organisation) => makeRole(database, "Reader", { actions: ["*/read"] });

async function review(
  at: Organisation,
  changes: Partial<Parameters<typeof reviewInput>[0]>,
  caller = at.owner,
): Promise<string> {
  const { database, tree } = at;
  const role = await readerAt(at);
  const member = await makeUser(database, "Mel Member");
  await grant(database, "active", member.id, role.id, tree.subscription.id);
  const input = reviewInput({ resourceId: tree.subscription.id, roleDefinitionIds: [role.id], ...changes });
  const result = await createAccessReview(database, caller, input);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.reviewId;
}

/** Settings of a role by which these stages decide on its activations. */
async function decidedBy(at: Organisation, stages: ApprovalStage[]): Promise<void> {
  const role = await readerAt(at);
  await setSettings(at.database, role.id, at.tree.subscription.id, approvedBy(stages));
}

/** A request that waits for these stages, while the settings no longer ask for an approval. */
async function waitingFor(
  at: Organisation,
  stages: (approverIds: string[]) => ApprovalStage[],
): Promise<void> {
  const approval = await arrangeApproval(at.database, { tree: at.tree, stages });
  await approval.waiting();
  const settings = { ...approval.settings, approvalRequired: false };
  await setSettings(at.database, approval.role.id, at.tree.subscription.id, settings);
}

/** A request that this stage was asked for and that its member approved, while the settings require no approval now. */
async function usedInEmergency(at: Organisation, id: string): Promise<void> {
  const settings = { breakGlassMaximumMinutes: 60 };
  const stages = () => [stageOf([id])];
  const approval = await arrangeApproval(at.database, { tree: at.tree, settings, stages });
  const input = { requestId: await approval.waiting(), durationMinutes: 60, justification: "Down" };
  const proofId = await at.prove(breakGlassOperation(input), approval.member);
  const used = await breakGlass(at.database, approval.member, { ...input, proofId });
  if (!used.ok) throw new Error(JSON.stringify(used.error));
  const without = { ...approval.settings, approvalRequired: false };
  await setSettings(at.database, approval.role.id, at.tree.subscription.id, without);
}

const named = ["access_review_named_reviewers.principal_id"] as const;
const both = ["User", "Group"] as const;

/** Every way to hold a privilege (docs/rules.md, rule 8). */
export const privilegeKinds: Readonly<Record<string, PrivilegeKind>> = {
  "a role held actively": {
    called: "Active",
    columns: ["assignments.principal_id"],
    types: both,
    give: async (at, id) =>
      grant(at.database, "active", id, (await readerAt(at)).id, at.tree.subscription.id),
  },
  "a role that may be activated": {
    called: "Eligible",
    columns: ["eligibilities.principal_id"],
    types: both,
    give: async (at, id) => grant(at.database, "eligible", id, (await readerAt(at)).id, at.tree.group.id),
  },
  "a renewal that waits": {
    called: "Eligible",
    columns: ["requests.principal_id"],
    types: ["User"],
    async give(at, id) {
      const { database, tree } = at;
      const now = new Date("2026-03-02T09:00:00Z");
      const until = { startsAt: addDays(now, -60), endsAt: addDays(now, -5) };
      const role = await readerAt(at);
      const access = await grant(database, "eligible", id, role.id, tree.subscription.id, until);
      const user = await database.client.principal.findUniqueOrThrow({ where: { id } });
      const proposal = { assignmentType: "Eligible" as const, id: access.id, endsAt: addDays(now, 60) };
      const caller = await makeCaller(database, user);
      const asked = await requestRenewal(database, caller, { ...proposal, justification: "Still on call" });
      if (!asked.ok) throw new Error(JSON.stringify(asked.error));
    },
  },
  "an approver's decision right by settings": {
    called: "Approver",
    columns: ["role_management_policies.approval_stages"],
    types: both,
    give: async (at, id) => decidedBy(at, [stageOf([(await makeUser(at.database)).id]), stageOf([id])]),
  },
  "an escalation approver's decision right by settings": {
    called: "Approver",
    columns: ["role_management_policies.approval_stages"],
    types: both,
    give: async (at, id) =>
      decidedBy(at, [stageOf([(await makeUser(at.database)).id], { escalationApproverIds: [id] })]),
  },
  "an approver's decision right over a request that waits": {
    called: "Approver",
    columns: ["request_approvals.approver_ids", "request_approvals.stages"],
    types: both,
    give: (at, id) => waitingFor(at, () => [stageOf([id])]),
  },
  "an escalation approver's decision right over a request that waits": {
    called: "Approver",
    columns: ["request_approvals.escalation_ids", "request_approvals.stages"],
    types: both,
    give: (at, id) => waitingFor(at, (ids) => [stageOf(ids, { escalationApproverIds: [id] })]),
  },
  "an approver's right to close the review of an emergency": {
    called: "Approver",
    columns: ["request_approvals.stages"],
    types: both,
    give: (at, id) => usedInEmergency(at, id),
  },
  "a reviewer's decision right in a review that runs": {
    called: "Reviewer",
    columns: named,
    types: both,
    give: (at, id) => review(at, { reviewers: "Selected", reviewerIds: [id] }),
  },
  "a reviewer's decision right in a review that is planned": {
    called: "Reviewer",
    columns: named,
    types: both,
    give: (at, id) =>
      review(at, {
        reviewers: "Selected",
        reviewerIds: [id],
        startsAt: addDays(new Date("2026-03-02T09:00:00Z"), 10),
      }),
  },
  "a fallback reviewer's decision right where managers are asked": {
    called: "Reviewer",
    columns: named,
    types: both,
    give: (at, id) => review(at, { reviewers: "Managers", reviewerIds: [id] }),
  },
  "a fallback reviewer's decision right where members are asked": {
    called: "Reviewer",
    columns: named,
    types: both,
    give: (at, id) => review(at, { reviewers: "Members", reviewerIds: [id] }),
  },
  "a reviewer's decision right in the next of a series whose last has run out": {
    called: "Reviewer",
    columns: named,
    types: both,
    async give(at, id) {
      const reviewId = await review(at, {
        reviewers: "Selected",
        reviewerIds: [id],
        recurrence: "Weekly",
        durationDays: 3,
      });
      await at.database.client.accessReview.update({
        where: { id: reviewId },
        data: {
          startsAt: new Date("2026-02-26T09:00:00Z"),
          begunAt: new Date("2026-02-26T09:00:00Z"),
          endsAt: new Date("2026-03-01T09:00:00Z"),
        },
      });
    },
  },
  "a series of reviews": {
    called: "ReviewAdministrator",
    columns: ["access_reviews.created_by_id"],
    types: ["User"],
    async give(at, id) {
      const reviewId = await review(at, { recurrence: "Weekly", durationDays: 3 });
      await at.database.client.accessReview.update({ where: { id: reviewId }, data: { createdById: id } });
    },
  },
  "a series of reviews that was taken over": {
    called: "ReviewAdministrator",
    columns: ["access_reviews.taken_over_by_id"],
    types: ["User"],
    async give(at, id) {
      const reviewId = await review(at, { recurrence: "Weekly", durationDays: 3 });
      const taken = { takenOverById: id, takenOverAt: new Date("2026-03-02T09:00:00Z") };
      await at.database.client.accessReview.update({ where: { id: reviewId }, data: taken });
    },
  },
  "a manager's decision right": {
    called: "Manager",
    columns: ["principals.manager_id"],
    types: ["User"],
    async give(at, id) {
      const { database } = at;
      const user = await makeUser(database, "Max Managed");
      await grant(database, "eligible", user.id, (await readerAt(at)).id, at.tree.subscription.id);
      await database.client.principal.update({ where: { id: user.id }, data: { managerId: id } });
    },
  },
};

/** Sets up an authenticator app for a user. */
export async function enrol(at: Organisation, userId: string, now: Date): Promise<void> {
  const user = await at.database.client.principal.findUniqueOrThrow({ where: { id: userId } });
  const caller = await makeCaller(at.database, user);
  const keys = [{ id: "k1", key: Buffer.alloc(32, 7) }];
  const begun = await beginEnrolment(at.database, keys, caller, {
    proofId: null,
    reauthenticated: true,
    pass: "",
  });
  if (!begun.ok) throw new Error(begun.message);
  const code = appCode(begun.secret, now);
  const result = await confirmEnrolment(at.database, keys, caller, code);
  if (!result.ok) throw new Error(result.message);
}
