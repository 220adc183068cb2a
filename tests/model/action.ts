// A command as a sequence stores it, and as it is when its choices are made in a state.
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import type { Caller } from "@/lib/platform/caller";
import type { Kind } from "./commands";
import { type Outcome, type Proof, refused, type State } from "./state";
import type { World } from "./world";

/** A kind of command and the numbers that make its choices. */
export interface Command {
  readonly kind: Kind;
  readonly picks: readonly number[];
}

export type Operation = (id: (name: string) => string) => ProtectedOperation;

/** A row that one of two concurrent commands waits for, so that they meet in the same way each time. */
export interface Lock {
  readonly table:
    | "role_management_policies"
    | "eligibilities"
    | "assignments"
    | "requests"
    | "principals"
    | "step_up_proofs";
  readonly name: string;
  /** For settings: the resource. */
  readonly at?: string;
}

export interface Action {
  readonly words: string;
  readonly actor: string;
  /** The operation that a proof must be for; null if no proof is ever required. */
  readonly operation: Operation | null;
  /** The same operation with one different part. */
  readonly near?: Operation;
  readonly locks: readonly Lock[];
  /** Judges it by the rules, and changes the state unless it is refused. */
  apply(state: State, proof: string | null): Outcome;
  call(world: World, caller: Caller, proofId: string | null): Promise<Outcome>;
}

/** Makes choices by numbers, one after the other. */
export class Choice {
  #next = 0;
  constructor(readonly picks: readonly number[]) {}
  number(below: number): number {
    const pick = this.picks[this.#next % this.picks.length] ?? 0;
    this.#next += 1;
    return pick % below;
  }
  of<Item>(items: readonly [Item, ...Item[]]): Item;
  of<Item>(items: readonly Item[]): Item | undefined;
  of<Item>(items: readonly Item[]): Item | undefined {
    return items[this.number(Math.max(items.length, 1))];
  }
  /** True once in so many times. */
  once(inTimes: number): boolean {
    return this.number(inTimes) === inTimes - 1;
  }
}

export const forbidden = refused("Forbidden");

const sameForm = (operation: Operation) => JSON.stringify(operation((name) => name));

/** Whether a proof is valid for an operation now; it is then spent (docs/rules.md, section 2). */
export function spend(
  state: State,
  proofId: string | null,
  who: string,
  operation: Operation | null,
): boolean {
  const proof = state.proofs.find((each) => each.id === proofId);
  if (!proof || !operation || proof.spent || state.now >= proof.expires) return false;
  if (proof.who !== who || proof.session !== state.principals[who]?.session) return false;
  if (proof.operation !== sameForm(operation)) return false;
  proof.spent = true;
  return true;
}

/** A proof as the model keeps it. */
export function newProof(state: State, id: string, who: string, operation: Operation): Proof {
  const session = state.principals[who]?.session ?? 0;
  return { id, who, session, operation: sameForm(operation), expires: state.now + 300_000, spent: false };
}

export const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
export const date = (at: number | null) => (at === null ? null : new Date(at));
