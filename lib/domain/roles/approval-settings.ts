import {
  longestTimeoutHours,
  maximumApprovalStages,
  maximumApprovalsNeeded,
  maximumStageApprovers,
} from "@/lib/domain/roles/approval-limits";
import { sameValue } from "@/lib/domain/roles/same-value";

/** One stage of an approval: who decides, how many of them must approve, and what happens if they do not answer. */
export type ApprovalStage = {
  /** Users and groups, by id, each once and in order. */
  readonly approverIds: readonly string[];
  readonly approvalsNeeded: number;
  /** How long the stage waits for its approvers. If it has escalation approvers, it waits as long again for both. */
  readonly timeoutHours: number;
  readonly escalationApproverIds: readonly string[];
};

/** The same stage with each approver once, in order, so that equal stages are equal. */
export function normalStage(stage: ApprovalStage): ApprovalStage {
  const ordered = (ids: readonly string[]) => [...new Set(ids)].sort();
  return {
    ...stage,
    approverIds: ordered(stage.approverIds),
    escalationApproverIds: ordered(stage.escalationApproverIds),
  };
}

/** The stages of both approvals, those of the first one first. A stage that both have occurs once. */
export function bothStages(
  left: readonly ApprovalStage[],
  right: readonly ApprovalStage[],
): readonly ApprovalStage[] {
  return [...left, ...right.filter((stage) => !left.some((other) => sameValue(other, stage)))];
}

/** Who could decide at this moment. A weakening is judged by it. */
export interface Deciders {
  /** The users among these principals who can decide: groups expanded, disabled users left out. */
  able(ids: readonly string[]): ReadonlySet<string>;
  /** Those of them who could request the role themselves. Nobody decides on their own request. */
  readonly mayAsk: ReadonlySet<string>;
}

function within(inner: ReadonlySet<string>, outer: ReadonlySet<string>): boolean {
  return [...inner].every((id) => outer.has(id));
}

/** The whole wait of a stage, in hours. Escalation approvers get as long again. */
function wholeWait(stage: ApprovalStage): number {
  return stage.timeoutHours * (stage.escalationApproverIds.length > 0 ? 2 : 1);
}

/**
 * Whether a stage is at least as strict as another and as easy to decide: nobody new can decide, nobody
 * who can decide loses the decision right, as many must approve, and it waits no longer. Without
 * `deciders`, everybody named counts as able to decide.
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
 * Whether a stage leaves the decision to administrators. It does if nobody behind its names can decide,
 * or if it needs more approvals than people can give, one of whom might be the requestor.
 */
function lacksDeciders(stage: ApprovalStage, deciders: Deciders): boolean {
  const able = deciders.able(stage.approverIds);
  const asking = [...able].some((id) => deciders.mayAsk.has(id)) ? 1 : 0;
  return (
    able.size - asking < stage.approvalsNeeded ||
    namedApprovers([stage]).some((id) => deciders.able([id]).size === 0)
  );
}

/** Whether a new stage leaves the decision to administrators as things are now. */
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

/**
 * Whether each of the first can be paired with a different fitting one of the second. There are few, so
 * every way is tried.
 */
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
 * Whether new stages are weaker: a former stage has no equally strict counterpart of its own, or a new
 * stage leaves the decision to administrators.
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
 * Whether an edit reduces the stages that an activation passes. If a stage equals one of another
 * level's settings, one person passes both at once (`bothStages`).
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

/** Every fault of the stages of a required approval, in words; empty if they may be saved. */
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

/** Everyone who is named in the stages. */
export function namedApprovers(stages: readonly ApprovalStage[]): string[] {
  return [...new Set(stages.flatMap((stage) => [...stage.approverIds, ...stage.escalationApproverIds]))];
}
