import { networkOf } from "@/lib/domain/people/network-of";
import type { Origin } from "@/lib/identity/sessions/sessions";
import { limitConcurrency, unlessBusy } from "@/lib/platform/concurrency-limit";
import { servingProcesses } from "@/lib/platform/configuration";

/**
 * Attempts from one network wait for each other at its count of wrong ones, each with a database connection. Four at
 * once, in all serving processes together, leave most connections to signed-in users.
 */
const inTurn = limitConcurrency({
  atOnce: Math.ceil(4 / servingProcesses()),
  waitingOfOne: 32,
  waitingInAll: 512,
});

/** The answer when too many wait. */
export const busyMessage = "Many people are signing in at the moment. Try again in a few seconds.";

/**
 * Runs what somebody may do who is not signed in (signing in, a token of a set-up or an invitation), in
 * the queue of their network, so that a flood from one network delays only itself. Returns `busy`, with
 * nothing checked and nothing counted, if too many wait.
 */
export function inSignInTurn<Result, Busy>(
  origin: Origin,
  work: () => Promise<Result>,
  busy: Busy,
): Promise<Result | Busy> {
  return unlessBusy(() => inTurn(networkOf(origin.ipAddress), work), busy);
}
