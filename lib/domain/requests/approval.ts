import { requestRemindsAt } from "@/lib/domain/notifications/deadline-reminder";
import type { ApprovalStage } from "@/lib/domain/roles/approval-settings";
import { sameValue } from "@/lib/domain/roles/same-value";
import { addMinutes } from "@/lib/domain/time/schedule";

/** The open stage of a request: who may decide it, and until when. */
export interface OpenStage {
  /** Counted from 0. */
  readonly stage: number;
  readonly openedAt: Date;
  /** When the escalation approvers may decide as well; null if there are none. */
  readonly escalatesAt: Date | null;
  /** When the request times out: nobody may decide from then on. */
  readonly expiresAt: Date;
  /** When those who can still decide are reminded. */
  readonly remindsAt: Date;
  readonly approverIds: readonly string[];
  readonly escalationIds: readonly string[];
  readonly approvalsNeeded: number;
}

/**
 * Opens a stage now. It waits its time-out for the approvers. If it has escalation approvers, it then
 * waits as long again for both. It never waits beyond `endsBy`, the end of the activation that a
 * request extends. Throws if there is no such stage.
 */
export function openStage(
  stages: readonly ApprovalStage[],
  position: number,
  now: Date,
  endsBy: Date | null = null,
): OpenStage {
  const stage = stages[position];
  if (!stage) throw new Error(`there is no stage ${position} of ${stages.length}`);
  const minutes = stage.timeoutHours * 60;
  const escalates = stage.escalationApproverIds.length > 0;
  const expiresAt = notAfter(addMinutes(now, escalates ? 2 * minutes : minutes), endsBy);
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

function notAfter(time: Date, limit: Date | null): Date {
  return limit !== null && limit < time ? limit : time;
}

/** The longest time that a member has to enter their code after the last approval, in hours. */
export const longestWaitForCodeHours = 24;

/**
 * Until when an approved request waits for its member's code: as long as its last stage waits for its
 * approvers, at most a day, and never beyond `endsBy`, as for a stage. Throws if there is no stage.
 */
export function codeDeadline(
  stages: readonly ApprovalStage[],
  approvedAt: Date,
  endsBy: Date | null = null,
): Date {
  const last = stages.at(-1);
  if (!last) throw new Error("what needs no approval waits for no code");
  return notAfter(addMinutes(approvedAt, 60 * Math.min(last.timeoutHours, longestWaitForCodeHours)), endsBy);
}

/** Somebody who approved the open stage of a request, and their present relation to that stage. */
export interface ApproverOfRequest {
  /** They are enabled and named as an approver, directly or through an enabled group. */
  readonly named: boolean;
  /** They approved as an administrator, when too few approvers could. */
  readonly asAdministrator: boolean;
  /** They are enabled and an active administrator at the scope. */
  readonly administers: boolean;
  /** It is their own request, or they gain from it through a group. */
  readonly gains: boolean;
  /** They approved another stage of it. One person approves one stage. */
  readonly gaveOther: boolean;
}

/**
 * Whether an approval of the open stage counts now. It does not while the person lacks the decision
 * right. An administrator's approval counts even if enough approvers can approve again.
 */
export function approvalCounts(approver: ApproverOfRequest): boolean {
  return (
    !approver.gains &&
    !approver.gaveOther &&
    (approver.named || (approver.asAdministrator && approver.administers))
  );
}

/** How a waiting request continues after an edit of its stages. */
export interface StagesAfterEdit {
  /** The open stage, counted from 0. */
  readonly open: number;
  /** Whether that stage starts again with its whole time-out. Otherwise it was the open stage and keeps its times. */
  readonly anew: boolean;
  /** For each stage, the former stage that it equals, whose approvals count here; null if there is none. */
  readonly origins: readonly (number | null)[];
}

/**
 * How a waiting request continues when the role settings change from `before` to `after`. A stage that stays keeps
 * its approvals, whatever its new position. The first stage that is not passed is open. If all remaining stages are
 * passed, the last one opens with its approvals and waits for one more confirmation. So easier settings alone never
 * complete a request, since the editor might be waiting for it. Null: it continues unchanged.
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
