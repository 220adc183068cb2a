import { hash, verify } from "@node-rs/argon2";
import { networkOf } from "@/lib/domain/people/network-of";
import { limitConcurrency } from "@/lib/platform/concurrency-limit";
import { servingProcesses } from "@/lib/platform/configuration";

// OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane.
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Hashing is the costliest thing that somebody who is not signed in can ask for. Two at once leave half of Node's
 * four threads, and a second processor, to everything else. If there are several serving processes,
 * each computes one at a time. A client that asks for many waits behind its own requests.
 */
const inTurn = limitConcurrency({
  atOnce: servingProcesses() > 1 ? 1 : 2,
  waitingOfOne: 32,
  waitingInAll: 512,
});

/** Does something with a password that takes time, in the queue of `whose`. Throws `Busy` if too many wait. */
export function inPasswordTurn<Result>(whose: string, work: () => Promise<Result>): Promise<Result> {
  return inTurn(whose, work);
}

/** Whose queue it is: a signed-in person, or the network of somebody who is not. */
export function turnOf(asker: { readonly userId?: string; readonly ipAddress: string }): string {
  return asker.userId === undefined ? `network:${networkOf(asker.ipAddress)}` : `person:${asker.userId}`;
}

/**
 * An argon2id hash in PHC format, computed in the queue of `whose`; without a name all share one. Throws `Busy` if
 * too many wait.
 */
export function hashPassword(password: string, whose = "nobody"): Promise<string> {
  return inTurn(whose, () => hash(password, parameters));
}

let decoy: Promise<string> | undefined;

/**
 * Whether the password is right. The work is the same for an account that does not exist. It runs in the queue of
 * `whose`, never inside a transaction, which would keep locks and a connection meanwhile. Throws `Busy` if too many
 * wait.
 */
export async function passwordFits(stored: string | null, password: string, whose: string): Promise<boolean> {
  decoy ??= hash("no account has this password", parameters);
  const standIn = await decoy;
  const fits = await inTurn(whose, () => verify(stored ?? standIn, password));
  return stored !== null && fits;
}
