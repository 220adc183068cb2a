// Makes the choices of a step's commands, and their proofs.
import { type Action, Choice, type Command, newProof } from "./action";
import { commands, type Kind } from "./commands";
import type { First } from "./openings";
import { afterRightly, orderMatters, succeeds } from "./orders";
import { random } from "./random";
import { named, type State } from "./state";
import type { World } from "./world";

/** One step: a command, or two or three at once. */
export interface Step {
  readonly commands: readonly Command[];
  /**
   * `Again`: a command that succeeded is undone, and done again with its spent proof. `Late`: around the end of
   * its proof.
   */
  readonly turn: "Once" | "Again" | "Late";
  /** The proof of each, and the row at which concurrent ones meet. */
  readonly picks: readonly number[];
  /** For a first step. */
  readonly first?: First;
}

export interface Prepared {
  /** Null for consequences of a step besides its commands. */
  readonly kind: Kind | null;
  readonly action: Action;
  readonly proof: string | null;
}

/** The actions of a step in a state: fewer than its commands if one finds nothing to do. */
export async function prepare(world: World, state: State, step: Step): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  for (const [position, command] of step.commands.entries()) {
    const action = step.first
      ? first(state, command, step.first)
      : chosen(state, command, prepared[0]?.action ?? null, step.commands.length > 1);
    if (!action) continue;
    if (step.first?.unproved) {
      prepared.push({ kind: command.kind, action, proof: null });
      continue;
    }
    const way = step.turn === "Once" && !step.first ? (step.picks[position] ?? 0) : rightProof;
    prepared.push({ kind: command.kind, ...(await prove(world, state, action, way)) });
  }
  return prepared;
}

/**
 * The action of a command in a state. If there are several at once, the first is mostly one that succeeds. The
 * others are chosen, if a few tries find such, so that their order with the first makes a difference.
 */
function chosen(
  state: State,
  { kind, picks }: Command,
  first: Action | null,
  several: boolean,
): Action | null {
  const make = (tries: number) =>
    commands[kind].make(state, new Choice(picks.map((pick) => pick + tries * 7919)));
  const found = make(0);
  if (!several) return found;
  for (let tries = 0; tries < 24; tries += 1) {
    const action = make(tries);
    if (action && (first ? orderMatters(state, first, action) : succeeds(state, action))) return action;
  }
  return found;
}

/**
 * A first step that the rules allow and that has the intended result, by the intended people, or one that only
 * another state would allow; null if none is found.
 */
function first(state: State, { kind, picks }: Command, { comesTo, by, were }: First): Action | null {
  const next = random(picks[0] ?? 0);
  for (let tries = 0; tries < 600; tries += 1) {
    const action = commands[kind].make(state, new Choice(picks.map(() => next(1_000_000))));
    if (!action) continue;
    if (by?.(state, action.actor)) return action;
    if (were && !succeeds(state, action) && succeeds(were(state), action)) return action;
    const after = comesTo && afterRightly(state, action);
    if (after && comesTo(after, state)) return action;
  }
  return null;
}

/** The pick that makes the right proof. */
const rightProof = 11;

/** Makes the proof of a command: mostly the right one, at times none, an old or similar one, or that of somebody else. */
async function prove(
  world: World,
  state: State,
  action: Action,
  pick: number,
): Promise<Omit<Prepared, "kind">> {
  const { operation, near, actor } = action;
  const way = pick % 12;
  if (way === 0) return { action, proof: null };
  const old = state.proofs[pick % Math.max(state.proofs.length, 1)];
  if (way === 1 && old) return { action, proof: old.id };
  if (!operation) return { action, proof: null };
  const [who, of] = way === 2 ? ["bob", operation] : [actor, way === 3 && near ? near : operation];
  const id = named(state, "p");
  world.name(await world.prove(state, who, of), id);
  state.proofs.push(newProof(state, id, who, of));
  return { action, proof: id };
}
