// Runs a sequence of commands on both sides and finds where they first disagree.
import pg from "pg";
import type { Action } from "./action";
import { type Called, callAll, keeps } from "./at-once";
import { beginning } from "./beginning";
import { databaseFacts, difference, modelFacts, nameNew } from "./compare";
import { applyAll, permutations } from "./orders";
import { type Prepared, prepare, type Step } from "./prepare";
import type { Outcome, State } from "./state";
import { passing } from "./time-and-jobs";
import { undoing } from "./undo";
import type { Stage, World } from "./world";

export interface Disagreement {
  readonly step: number;
  readonly words: readonly string[];
  readonly differences: readonly string[];
}

/** Runs the steps in a world of their own; null if both sides agree to the end. */
export async function runSequence(
  stage: Stage,
  seed: number,
  steps: readonly Step[],
): Promise<Disagreement | null> {
  let state = beginning(seed);
  const world = await stage.begin(state);
  const watch = new pg.Client({ connectionString: world.test.url });
  await watch.connect();
  const words: string[] = [];
  try {
    for (const [index, step] of steps.entries()) {
      const deciding = index % 4 === 3 || index === steps.length - 1;
      const prepared = await prepare(world, state, step);
      const before = state;
      for (const round of rounds(step, prepared)) {
        const now = round(before, state);
        if (now.length === 0) continue;
        words.push(
          now
            .map(({ action, proof }) => `${action.words}${proof ? ` (${proof})` : ""}`)
            .join("  AND AT ONCE  "),
        );
        const called = await callAll(world, watch, state, now, step.picks);
        const after = await compareSides(world, state, now, called, deciding);
        if (after.differences.length > 0) return { step: index, words, differences: after.differences };
        state = after.state;
      }
    }
    return null;
  } finally {
    await watch.end();
  }
}

/** The actions of a step, one after the other. Each sees the state before the step and the state before itself. */
function rounds(step: Step, prepared: Prepared[]): ((before: State, state: State) => Prepared[])[] {
  const [first] = prepared;
  const alone = (action: Action | null) => (action ? [{ kind: null, action, proof: null }] : []);
  if (first && step.turn === "Again")
    return [() => prepared, (before, state) => alone(undoing(before, state)), () => prepared];
  if (first && step.turn === "Late") {
    // Its proof is about to end, or has.
    const toEnd = (_: State, state: State) => {
      const proof = state.proofs.find(({ id }) => id === first.proof);
      return alone(proof ? passing(state, proof.expires + ((step.picks[3] ?? 0) % 3) - 1) : null);
    };
    return [toEnd, () => prepared];
  }
  return [() => prepared];
}

async function compareSides(
  world: World,
  state: State,
  prepared: readonly Prepared[],
  { outcomes, early }: Called,
  deciding: boolean,
): Promise<{ differences: string[]; state: State }> {
  const facts = await databaseFacts(world, expectedClock(state, prepared), deciding);
  const all = permutations(prepared.map((_, position) => position));
  const orders = all.filter((order) => keeps(order, early));
  let best: { differences: string[]; state: State } | null = null;
  for (const order of orders) {
    const expected = applyAll(state, prepared, order);
    const model = modelFacts(expected.state, deciding);
    const wrongOutcomes = prepared.flatMap(({ action }, position) =>
      agree(expected.outcomes[position], outcomes[position], prepared.length === 1)
        ? []
        : [
            `${action.words}: the model says ${JSON.stringify(expected.outcomes[position])}, the product ${JSON.stringify(outcomes[position])}`,
          ],
    );
    const differences = [...wrongOutcomes, ...difference(model, withNames(model, facts))];
    if (best === null || differences.length < best.differences.length)
      best = { differences, state: expected.state };
    if (differences.length > 0) continue;
    nameNew(world, model, facts);
    break;
  }
  return best ?? { differences: ["no order is possible"], state };
}

const expectedClock = (state: State, prepared: readonly Prepared[]) =>
  prepared.length === 1 ? applyAll(state, prepared, [0]).state : state;

/** The facts, with the model's names for new rows that both sides describe alike. */
function withNames(model: ReturnType<typeof modelFacts>, facts: ReturnType<typeof modelFacts>) {
  const unknown = facts.filter(({ text }) => text.endsWith("may decide something new"));
  if (unknown.length === 0) return facts;
  const expected = model.filter(
    ({ text }) => / may decide q\d+$/.test(text) && !facts.some((each) => each.text === text),
  );
  return facts.map((fact) => {
    if (!unknown.includes(fact)) return fact;
    const who = fact.text.split(" ")[0];
    const index = expected.findIndex(({ text }) => text.startsWith(`${who} `));
    const [found] = index < 0 ? [] : expected.splice(index, 1);
    return found ?? fact;
  });
}

function agree(expected: Outcome | undefined, got: Outcome | undefined, alone: boolean): boolean {
  if (!expected || !got || expected.ok !== got.ok) return false;
  if (!got.ok && got.code.startsWith("thrown")) return false;
  if (!expected.ok && !got.ok)
    // If several run at once and one fails for several reasons, the answer depends on where each of them
    // waited.
    return (
      !alone || (expected.code === got.code && JSON.stringify(expected.rules) === JSON.stringify(got.rules))
    );
  return (
    !("status" in expected) ||
    expected.status === undefined ||
    ("status" in got && expected.status === got.status)
  );
}
