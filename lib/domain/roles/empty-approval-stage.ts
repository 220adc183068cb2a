const nobody: readonly string[] = [];

/** A stage (`ApprovalStage`) as it is added: without approvers, for one approval within a day. */
export const emptyApprovalStage = {
  approverIds: nobody,
  approvalsNeeded: 1,
  timeoutHours: 24,
  escalationApproverIds: nobody,
};
