// Time that passes, and the jobs that only record its consequences (docs/rules.md, section 5).
import { recordExpiries } from "@/lib/operations/assignments/record-expiries";
import { revokeOrphanedRequests } from "@/lib/operations/requests/revoke-orphaned-requests";
import { timeOutRequests } from "@/lib/operations/requests/time-out-requests";
import { expireConflictExceptions } from "@/lib/operations/roles/expire-conflict-exceptions";
import type { Action, Choice } from "./action";
import { moments, passTo } from "./consequences";
import { waits } from "./rules";
import { done, minute, type State } from "./state";

/** To a moment at which something happens, a millisecond before or after it; or simply on. */
export function pass(state: State, choice: Choice): Action {
  const next = moments(state);
  // When the waiting request would have timed out, had it not ended before.
  const outlived = state.requests.flatMap((each) =>
    each.approval && !waits(each) && each.approval.expires > state.now ? [each.approval.expires] : [],
  );
  if (outlived.length > 0 && choice.once(3))
    return passing(state, (choice.of(outlived) ?? state.now) + choice.of([0, 0, 1]));
  const near = next.slice(0, choice.once(4) ? 40 : 4);
  const moment = choice.of(near) ?? state.now + 10 * minute;
  const to = choice.once(6) ? state.now + 7 * minute : moment + (choice.of([-1, 0, 0, 1]) ?? 0);
  return passing(state, to);
}

/** It moves to a moment, or stays if that has passed. */
export function passing(state: State, to: number): Action {
  const now = Math.max(to, state.now);
  return {
    words: `it becomes ${new Date(now).toISOString()}`,
    actor: "olga",
    operation: null,
    locks: [],
    apply(after) {
      passTo(after, now);
      return done;
    },
    async call(world) {
      world.setTime(now);
      return done;
    },
  };
}

/** The worker's jobs change nothing that anybody reads. */
export function work(_state: State, choice: Choice): Action {
  const jobs = [timeOutRequests, revokeOrphanedRequests, recordExpiries, expireConflictExceptions];
  const first = choice.number(jobs.length);
  const order = [...jobs.slice(first), ...jobs.slice(0, first)];
  return {
    words: "the worker does its jobs",
    actor: "olga",
    operation: null,
    locks: [],
    apply: () => done,
    async call(world) {
      for (const job of order) await job(world.database);
      return done;
    },
  };
}
