// Calls the product, several commands at once in a reproducible order.
import type pg from "pg";
import { Choice } from "./action";
import { type Held, holdRow } from "./hold";
import type { Prepared } from "./prepare";
import type { Outcome, State } from "./state";
import type { World } from "./world";

/** The results of the calls, and which of them had ended while the rest still waited. */
export interface Called {
  readonly outcomes: readonly Outcome[];
  readonly early: ReadonlySet<number>;
}

/** Calls the prepared commands. Of several at once, each begins when the earlier ones wait for a lock or have ended. */
export async function callAll(
  world: World,
  watch: pg.Client,
  state: State,
  prepared: readonly Prepared[],
  picks: readonly number[],
): Promise<Called> {
  const callers = await Promise.all(prepared.map(({ action }) => world.caller(state, action.actor)));
  const calls = prepared.map(({ action, proof }, position) => () => {
    const caller = callers[position];
    if (!caller) throw new Error("nobody calls");
    // An error that the product throws is an answer too. The rules never expect one.
    return action
      .call(world, caller, proof === null ? null : world.id(proof))
      .catch((fault: unknown): Outcome => ({ ok: false, code: `thrown: ${fault}` }));
  });
  if (calls.length === 1)
    return { outcomes: await Promise.all(calls.map((call) => call())), early: new Set() };
  // Mostly a row of the first, so that the others end while it waits.
  const some = (picks[2] ?? 0) % 4 === 0 ? prepared : prepared.slice(0, 1);
  // The proof is spent when everything else is locked and read.
  const locks = some.flatMap(({ action, proof }) => [
    ...action.locks,
    ...(proof === null ? [] : [{ table: "step_up_proofs", name: proof } as const]),
  ]);
  // At the last lock that a command takes, it has read the most.
  const lock = (picks[3] ?? 0) % 2 === 0 ? locks.at(-1) : new Choice([picks[3] ?? 0]).of(locks);
  const held: Held | null = lock ? await holdRow(world, lock) : null;
  const running: Promise<Outcome>[] = [];
  const settled = new Set<number>();
  for (const [position, call] of calls.entries()) {
    running.push(call().finally(() => settled.add(position)));
    // Waits until every command that began has ended or waits: the next one meets them there.
    for (let looks = 0; held && looks < 500; looks += 1) {
      const { rows } = await watch.query({
        name: "who waits",
        text: "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      });
      if (rows.length + settled.size >= running.length) break;
      // Looking takes the same processors as what is looked at.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
  const early = new Set(held ? settled : []);
  await held?.release();
  return { outcomes: await Promise.all(running), early };
}

/** Whether the commands that had ended while the rest still waited are first in an order. */
export const keeps = (order: readonly number[], early: ReadonlySet<number>) =>
  order.every(
    (position, index) => early.has(position) || !order.slice(index).some((later) => early.has(later)),
  );
