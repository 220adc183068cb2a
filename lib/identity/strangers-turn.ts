import { networkOf } from "@/lib/domain/network-of";
import type { Origin } from "@/lib/identity/sessions";
import { takingTurns, unlessBusy } from "@/lib/platform/turns";

/**
 * Attempts of one network wait for each other at its count of wrong ones, each with a connection to the database in its
 * hands. Four at once leave most connections to whoever is signed in.
 */
const inTurn = takingTurns({ atOnce: 4, waitingOfOne: 32, waitingInAll: 512 });

/** What is said to a stranger who comes when too many wait. */
export const busyMessage = "Many people are signing in at the moment. Try again in a few seconds.";

/**
 * Does what somebody who is not signed in may ask for (signing in, a token of a set-up or an invitation), in the turn of
 * their network: a flood from one waits behind itself. Answers `busy`, with nothing looked at and nothing counted, when
 * too many wait.
 */
export function inStrangersTurn<Result, Busy>(
  origin: Origin,
  work: () => Promise<Result>,
  busy: Busy,
): Promise<Result | Busy> {
  return unlessBusy(() => inTurn(networkOf(origin.ipAddress), work), busy);
}
