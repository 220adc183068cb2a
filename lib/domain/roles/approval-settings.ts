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

/** What weakening of an approval is judged by: who could decide at this moment. */
export interface Deciders {
  /** The users behind these principals who are able now: groups expanded, whoever is disabled left out. */
  able(ids: readonly string[]): ReadonlySet<string>;
  /** Those of them who could ask for the role themselves. Nobody decides on their own request. */
  readonly mayAsk: ReadonlySet<string>;
}

function within(inner: ReadonlySet<string>, outer: ReadonlySet<string>): boolean {
  return [...inner].every((id) => outer.has(id));
}

/** How long a stage waits in all, in hours: escalation approvers get as long again. */
function wholeWait(stage: ApprovalStage): number {
  return stage.timeoutHours * (stage.escalationApproverIds.length > 0 ? 2 : 1);
}

/**
 * Whether a stage is no easier to pass than another, and no harder to decide: nobody new decides, nobody able loses the
 * say, no fewer must approve, and it waits no longer. Without `deciders` everybody named is taken to be able.
 */
function atLeastAsStrict(stage: ApprovalStage, other: ApprovalStage, deciders: Deciders | null): boolean {
  const deciding = [...other.approverIds, ...other.escalationApproverIds];
  const keepsAble =
    deciders === null ||
    (within(deciders.able(other.approverIds), deciders.able(stage.approverIds)) &&
      within(
        deciders.able(other.escalationApproverIds),
        deciders.able([...stage.approverIds, ...stage.escalationApproverIds]),
      ));
  return (
    keepsAble &&
    stage.approvalsNeeded >= other.approvalsNeeded &&
    stage.timeoutHours <= other.timeoutHours &&
    wholeWait(stage) <= wholeWait(other) &&
    stage.approverIds.every((id) => other.approverIds.includes(id)) &&
    stage.escalationApproverIds.every((id) => deciding.includes(id))
  );
}

/**
 * Whether a stage leaves the decision to administrators: it names somebody behind whom nobody is able, or needs more
 * approvals than are able, one of them perhaps being who asks.
 */
function lacksDeciders(stage: ApprovalStage, deciders: Deciders): boolean {
  const able = deciders.able(stage.approverIds);
  const asking = [...able].some((id) => deciders.mayAsk.has(id)) ? 1 : 0;
  return (
    able.size - asking < stage.approvalsNeeded ||
    namedApprovers([stage]).some((id) => deciders.able([id]).size === 0)
  );
}

/** Whether any stage that was not there before leaves the decision to administrators as things are. */
export function anyLacksDeciders(
  stages: readonly ApprovalStage[],
  before: readonly ApprovalStage[],
  deciders: Deciders,
): boolean {
  return stages.some(
    (stage) => !before.some((other) => sameValue(other, stage)) && lacksDeciders(stage, deciders),
  );
}

function distinct(stages: readonly ApprovalStage[]): readonly ApprovalStage[] {
  return stages.filter((stage, index, all) => all.findIndex((other) => sameValue(other, stage)) === index);
}

/** Whether each of the first can have one of the second for itself that fits. Of a few: every way is tried. */
function eachHasItsOwn<Item>(
  first: readonly Item[],
  second: readonly Item[],
  fits: (item: Item, other: Item) => boolean,
): boolean {
  const [item, ...rest] = first;
  if (item === undefined) return true;
  return second.some(
    (other, index) =>
      fits(item, other) &&
      eachHasItsOwn(
        rest,
        second.filter((_, position) => position !== index),
        fits,
      ),
  );
}

/**
 * Whether new stages are weaker than those before: one of before has none for itself that is as strict, or a new one
 * leaves the decision to administrators.
 */
export function stagesWeakened(
  before: readonly ApprovalStage[],
  after: readonly ApprovalStage[],
  deciders: Deciders | null,
  otherLevels: readonly (readonly ApprovalStage[])[] = [],
): boolean {
  return (
    stagesMerge(before, after, otherLevels) ||
    !eachHasItsOwn(distinct(before), distinct(after), (stage, other) =>
      atLeastAsStrict(other, stage, deciders),
    ) ||
    (deciders !== null && anyLacksDeciders(after, before, deciders))
  );
}

/**
 * Whether an edit makes fewer stages of what an activation passes: a stage that is the same as one of another level's
 * settings is passed once for both, by one person (`bothStages`).
 */
function stagesMerge(
  before: readonly ApprovalStage[],
  after: readonly ApprovalStage[],
  otherLevels: readonly (readonly ApprovalStage[])[],
): boolean {
  return otherLevels.some(
    (level) => distinct([...level, ...after]).length < distinct([...level, ...before]).length,
  );
}

function between(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** Every fault of the stages of a required approval, in words; none when they may be saved. */
export function approvalStagesFaults(stages: readonly ApprovalStage[], required: boolean): string[] {
  if (required && stages.length === 0) return ["Add a stage with at least one approver."];
  if (stages.length > maximumApprovalStages) return [`Use at most ${maximumApprovalStages} stages.`];
  return stages.flatMap((stage, index) => {
    const faults = [
      required && stage.approverIds.length === 0 && "Choose at least one approver.",
      Math.max(stage.approverIds.length, stage.escalationApproverIds.length) > maximumStageApprovers &&
        `Choose at most ${maximumStageApprovers} approvers; name a group for more.`,
      !between(stage.approvalsNeeded, 1, maximumApprovalsNeeded) &&
        `Enter how many must approve: 1 to ${maximumApprovalsNeeded}.`,
      !between(stage.timeoutHours, 1, longestTimeoutHours) &&
        `Enter a time-out of 1 to ${longestTimeoutHours} hours.`,
    ].filter((fault) => fault !== false);
    return stages.length === 1 ? faults : faults.map((text) => `Stage ${index + 1}: ${text}`);
  });
}

/** Everybody whom stages name. */
export function namedApprovers(stages: readonly ApprovalStage[]): string[] {
  return [...new Set(stages.flatMap((stage) => [...stage.approverIds, ...stage.escalationApproverIds]))];
}
