import { sameValue } from "@/lib/domain/same-value";

/** One stage of an approval: who decides, how many of them must approve, and what happens when they do not answer. */
export type ApprovalStage = {
  /** Users and groups, by id, each once and in order. */
  readonly approverIds: readonly string[];
  readonly approvalsNeeded: number;
  /** How long the stage waits for its approvers, and then as long again for the escalation approvers if it has any. */
  readonly timeoutHours: number;
  readonly escalationApproverIds: readonly string[];
};

export const maximumApprovalStages = 3;
export const maximumStageApprovers = 20;
export const maximumApprovalsNeeded = 10;
export const longestTimeoutHours = 24 * 30;

export const emptyApprovalStage: ApprovalStage = {
  approverIds: [],
  approvalsNeeded: 1,
  timeoutHours: 24,
  escalationApproverIds: [],
};

/** The same stage with its approvers each once and in order, so that equal stages look equal. */
export function normalStage(stage: ApprovalStage): ApprovalStage {
  const ordered = (ids: readonly string[]) => [...new Set(ids)].sort();
  return {
    ...stage,
    approverIds: ordered(stage.approverIds),
    escalationApproverIds: ordered(stage.escalationApproverIds),
  };
}

/** What both of two approvals ask, in the order of the first and then of the second: nothing is asked twice. */
export function bothStages(
  left: readonly ApprovalStage[],
  right: readonly ApprovalStage[],
): readonly ApprovalStage[] {
  return [...left, ...right.filter((stage) => !left.some((other) => sameValue(other, stage)))];
}

/** Whether a stage is no easier to pass than another: nobody new decides, no fewer must, and it waits no longer. */
function atLeastAsStrict(stage: ApprovalStage, other: ApprovalStage): boolean {
  const deciding = new Set([...other.approverIds, ...other.escalationApproverIds]);
  return (
    stage.approvalsNeeded >= other.approvalsNeeded &&
    stage.timeoutHours <= other.timeoutHours &&
    stage.approverIds.every((id) => other.approverIds.includes(id)) &&
    stage.escalationApproverIds.every((id) => deciding.has(id))
  );
}

function distinct(stages: readonly ApprovalStage[]): readonly ApprovalStage[] {
  return stages.filter((stage, index, all) => all.findIndex((other) => sameValue(other, stage)) === index);
}

/** Whether new stages are easier to pass than those before: there are fewer, or one has none as strict as itself. */
export function stagesWeakened(before: readonly ApprovalStage[], after: readonly ApprovalStage[]): boolean {
  return (
    distinct(after).length < distinct(before).length ||
    before.some((stage) => !after.some((other) => atLeastAsStrict(other, stage)))
  );
}

/** The first fault of the stages of a required approval, in words; null when they may be saved. */
export function approvalStagesFault(stages: readonly ApprovalStage[], required: boolean): string | null {
  if (required && stages.length === 0) return "Add a stage with at least one approver.";
  if (stages.length > maximumApprovalStages) return `Use at most ${maximumApprovalStages} stages.`;
  for (const [index, stage] of stages.entries()) {
    const say = (text: string) => (stages.length === 1 ? text : `Stage ${index + 1}: ${text}`);
    if (required && stage.approverIds.length === 0) return say("Choose at least one approver.");
    if (Math.max(stage.approverIds.length, stage.escalationApproverIds.length) > maximumStageApprovers)
      return say(`Choose at most ${maximumStageApprovers} approvers; name a group for more.`);
    if (
      !Number.isInteger(stage.approvalsNeeded) ||
      stage.approvalsNeeded < 1 ||
      stage.approvalsNeeded > maximumApprovalsNeeded
    )
      return say(`Enter how many must approve: 1 to ${maximumApprovalsNeeded}.`);
    if (
      !Number.isInteger(stage.timeoutHours) ||
      stage.timeoutHours < 1 ||
      stage.timeoutHours > longestTimeoutHours
    )
      return say(`Enter a time-out of 1 to ${longestTimeoutHours} hours.`);
  }
  return null;
}

/** Everybody whom stages name. */
export function namedApprovers(stages: readonly ApprovalStage[]): string[] {
  return [...new Set(stages.flatMap((stage) => [...stage.approverIds, ...stage.escalationApproverIds]))];
}
