export const maximumApprovalStages = 3;
export const maximumStageApprovers = 20;
export const maximumApprovalsNeeded = 10;
export const longestTimeoutHours = 24 * 30;

const nobody: readonly string[] = [];

/** A stage (`ApprovalStage`) as it is added. */
export const emptyApprovalStage = {
  approverIds: nobody,
  approvalsNeeded: 1,
  timeoutHours: 24,
  escalationApproverIds: nobody,
};
