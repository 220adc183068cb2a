// When an edit of role settings weakens, and so requires a proof (docs/rules.md, section 4).
import { contains, inEffect, reach, same, stricter, usersIn } from "./rules";
import { always, type Settings, type Stage, type State } from "./state";

/** The people who could decide at this moment, and those of them who could ask themselves. */
interface Facts {
  able(names: readonly string[]): Set<string>;
  mayAsk(who: string): boolean;
}

const within = (inner: Set<string>, outer: Set<string>) => [...inner].every((name) => outer.has(name));
const wait = ({ hours, escalation }: Stage) => hours * (escalation.length > 0 ? 2 : 1);

/** Whether a stage is as hard to pass as another, and still lets everybody decide who is able to. */
function asStrict(stage: Stage, other: Stage, { able }: Facts): boolean {
  return (
    stage.needed >= other.needed &&
    stage.hours <= other.hours &&
    wait(stage) <= wait(other) &&
    within(able(other.approvers), able(stage.approvers)) &&
    within(able(other.escalation), able([...stage.approvers, ...stage.escalation])) &&
    stage.approvers.every((name) => other.approvers.includes(name)) &&
    stage.escalation.every((name) => [...other.approvers, ...other.escalation].includes(name))
  );
}

/** Whether a stage leaves the decision to administrators: too few behind it are able, or nobody behind one of them. */
function lacksDeciders(stage: Stage, { able, mayAsk }: Facts): boolean {
  const all = able(stage.approvers);
  const asking = [...all].some(mayAsk) ? 1 : 0;
  const empty = [...stage.approvers, ...stage.escalation].some((name) => able([name]).size === 0);
  return empty || all.size - asking < stage.needed;
}

/** Whether each former stage has one of its own now that is as strict. */
function eachHasItsOwn(before: readonly Stage[], after: readonly Stage[], facts: Facts): boolean {
  const [first, ...rest] = before;
  if (!first) return true;
  return after.some(
    (stage, index) =>
      asStrict(stage, first, facts) &&
      eachHasItsOwn(
        rest,
        after.filter((_, other) => other !== index),
        facts,
      ),
  );
}

const distinct = (stages: readonly Stage[]) =>
  stages.filter((stage, index) => stages.findIndex((other) => same(other, stage)) === index);

export function weakens(state: State, role: string, at: string, before: Settings, after: Settings): boolean {
  const facts: Facts = {
    able: (names) => usersIn(state, names),
    mayAsk: (who) =>
      state.access.some(
        (each) =>
          each.kind === "Eligible" &&
          each.role === role &&
          inEffect(each, state.now) &&
          reach(state, who).has(each.who) &&
          (contains(state, each.at, at) || contains(state, at, each.at)),
      ),
  };
  const longer = (from: number | null, to: number | null) => (to ?? always) > (from ?? always);
  const off = (from: boolean, to: boolean) => from && !to;
  const fresh = (stages: readonly Stage[]) =>
    after.stages.filter((stage) => !stages.some((other) => same(other, stage)));
  const lacking = (stages: readonly Stage[]) => fresh(stages).some((stage) => lacksDeciders(stage, facts));
  const approval = before.approval
    ? !after.approval ||
      off(before.approverMfa, after.approverMfa) ||
      (!same(before.stages, after.stages) &&
        (!eachHasItsOwn(distinct(before.stages), distinct(after.stages), facts) || lacking(before.stages)))
    : after.approval && lacking([]);
  return (
    approval ||
    after.maximumMinutes > before.maximumMinutes ||
    off(before.mfa, after.mfa) ||
    off(before.freshCode, after.freshCode) ||
    (before.glass !== after.glass && stricter(before, after).glass !== after.glass) ||
    off(before.reason, after.reason) ||
    off(before.ticket, after.ticket) ||
    longer(before.eligibleDays, after.eligibleDays) ||
    longer(before.activeDays, after.activeDays) ||
    off(before.assignMfa, after.assignMfa) ||
    off(before.assignReason, after.assignReason)
  );
}
