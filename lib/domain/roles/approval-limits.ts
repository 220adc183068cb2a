/** The most stages of an approval (docs/rules.md, 4). People pass them in order. */
export const maximumApprovalStages = 3;

/** The most principals that a stage names as approvers, and again as escalation approvers (docs/rules.md, 4). */
export const maximumStageApprovers = 20;

/** The most people who must approve one stage (docs/rules.md, 4). */
export const maximumApprovalsNeeded = 10;

/** The longest time-out of a stage, in hours: thirty days (docs/rules.md, 4). */
export const longestTimeoutHours = 24 * 30;
