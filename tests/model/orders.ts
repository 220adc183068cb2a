// Judges several actions in an order by the rules, and finds whether their order matters.
import { type Action, newProof } from "./action";
import { difference, modelFacts } from "./compare";
import { settle } from "./consequences";
import { noteGrants } from "./grants";
import type { Prepared } from "./prepare";
import { named, type Outcome, type State } from "./state";

/** Judges actions in an order by the rules. A refused one changes nothing. */
export function applyAll(before: State, prepared: readonly Prepared[], order: readonly number[]) {
  let state = before;
  const outcomes: Outcome[] = [];
  for (const position of order) {
    const one = prepared[position];
    if (!one) continue;
    const after = structuredClone(state);
    const outcome = one.action.apply(after, one.proof);
    outcomes[position] = outcome;
    if (!outcome.ok) continue;
    settle(after);
    noteGrants(state, after, one.action.actor);
    state = after;
  }
  return { state, outcomes };
}

export function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((first) =>
    permutations(items.filter((each) => each !== first)).map((rest) => [first, ...rest]),
  );
}

/** The same actions with the right proofs, in a state that has those. */
function rightlyProved(before: State, actions: readonly Action[]) {
  const state = structuredClone(before);
  const prepared = actions.map((action) => {
    if (!action.operation) return { kind: null, action, proof: null };
    const proof = newProof(state, named(state, "p"), action.actor, action.operation);
    state.proofs.push(proof);
    return { kind: null, action, proof: proof.id };
  });
  return { state, prepared };
}

/** The state after an action with the right proof; null if the rules refuse it. */
export function afterRightly(before: State, action: Action): State | null {
  const { state, prepared } = rightlyProved(before, [action]);
  const { outcomes, state: after } = applyAll(state, prepared, [0]);
  return outcomes[0]?.ok ? after : null;
}

/** Whether the rules allow an action, with the right proof. */
export const succeeds = (before: State, action: Action) => afterRightly(before, action) !== null;

/** Whether the order of the two makes a difference. */
export function orderMatters(before: State, first: Action, second: Action): boolean {
  const { state, prepared } = rightlyProved(before, [first, second]);
  const [one, other] = [applyAll(state, prepared, [0, 1]), applyAll(state, prepared, [1, 0])];
  const oks = ({ outcomes }: typeof one) => outcomes.map((outcome) => outcome.ok).join();
  return (
    oks(one) !== oks(other) ||
    difference(modelFacts(one.state, true), modelFacts(other.state, true)).length > 0
  );
}
