import { addMinutes } from "@/lib/domain/gate/schedule";
import { requestRemindsAt } from "@/lib/domain/notifications/deadline-reminder";
import type { ApprovalStage } from "@/lib/domain/roles/approval-settings";
import { sameValue } from "@/lib/domain/same-value";

/** The stage that a request is at: who may decide it, and until when. */
export interface OpenStage {
  /** Counted from 0. */
  readonly stage: number;
  readonly openedAt: Date;
  /** From when the escalation approvers may decide as well; null when there are none. */
  readonly escalatesAt: Date | null;
  /** From when nobody may: the request has timed out. */
  readonly expiresAt: Date;
  /** When whoever may still decide is reminded of that. */
  readonly remindsAt: Date;
  readonly approverIds: readonly string[];
  readonly escalationIds: readonly string[];
  readonly approvalsNeeded: number;
}

/**
 * Opens a stage now. It waits its time-out for the approvers, and where it has escalation approvers as long again for
 * both. Throws where there is no such stage.
 */
export function openStage(stages: readonly ApprovalStage[], position: number, now: Date): OpenStage {
  const stage = stages[position];
  if (!stage) throw new Error(`there is no stage ${position} of ${stages.length}`);
  const minutes = stage.timeoutHours * 60;
  const escalates = stage.escalationApproverIds.length > 0;
  const expiresAt = addMinutes(now, escalates ? 2 * minutes : minutes);
  return {
    stage: position,
    openedAt: now,
    escalatesAt: escalates ? addMinutes(now, minutes) : null,
    expiresAt,
    remindsAt: requestRemindsAt(now, expiresAt),
    approverIds: stage.approverIds,
    escalationIds: stage.escalationApproverIds,
    approvalsNeeded: stage.approvalsNeeded,
  };
}

/** So long at most a member has to enter their code once the last approval is given. */
export const longestWaitForCodeHours = 24;

/**
 * Until when an approved request waits for its member's code: as long as its last stage waits for its approvers, a day at
 * most. Throws where there is no stage.
 */
export function codeDeadline(stages: readonly ApprovalStage[], approvedAt: Date): Date {
  const last = stages.at(-1);
  if (!last) throw new Error("what needs no approval waits for no code");
  return addMinutes(approvedAt, 60 * Math.min(last.timeoutHours, longestWaitForCodeHours));
}

/** What somebody who approved the stage that a request is at is to that stage now. */
export interface ApprovalGiver {
  /** Enabled, and named as an approver: themselves or through a group that is enabled as well. */
  readonly named: boolean;
  /** They approved as an administrator, too few approvers being able then. */
  readonly asAdministrator: boolean;
  /** Enabled, and an active administrator at the scope. */
  readonly administers: boolean;
  /** It is their own request, or one that they gain from through a group. */
  readonly gains: boolean;
  /** They approved another stage of it: one person gives one. */
  readonly gaveOther: boolean;
}

/**
 * Whether an approval of the stage that a request is at counts now: whoever lost the say loses that of before as well,
 * until they have it again. An administrator's counts though enough approvers are able again since.
 */
export function approvalCounts(giver: ApprovalGiver): boolean {
  return !giver.gains && !giver.gaveOther && (giver.named || (giver.asAdministrator && giver.administers));
}

/** Where a waiting request goes on after an edit of its stages. */
export interface StagesAfterEdit {
  /** The stage that is open now, counted from 0. */
  readonly open: number;
  /** Whether that stage waits its whole time-out from now; else it is the one that was open and keeps its times. */
  readonly anew: boolean;
  /** For each stage, which stage of before it is, so that what was approved there counts here; null: none. */
  readonly origins: readonly (number | null)[];
}

/**
 * Where a waiting request goes on when the role settings change from `before` to `after`. A stage that stayed keeps its
 * approvals, wherever it stands now. The first stage that is not passed is open. Where all that is left is passed, the
 * last stage opens with its approvals and waits for one more word: settings made easier never complete a request by
 * themselves, since then somebody who waits could let themselves in. Null: it goes on as it is.
 */
export function stagesAfterEdit(
  before: readonly ApprovalStage[],
  at: number,
  after: readonly ApprovalStage[],
): StagesAfterEdit | null {
  if (after.length === 0 || sameValue(before, after)) return null;
  const reached = before.slice(0, at + 1);
  const used = new Set<number>();
  const origins = after.map((stage, position) => {
    const same = (index: number) => !used.has(index) && sameValue(reached[index], stage);
    const origin = same(position) ? position : reached.findIndex((_, index) => same(index));
    if (origin < 0) return null;
    used.add(origin);
    return origin;
  });
  const first = origins.findIndex((origin) => origin === null || origin === at);
  const open = first < 0 ? after.length - 1 : first;
  return { open, anew: origins[open] !== at, origins };
}
