import { hash, verify } from "@node-rs/argon2";
import { networkOf } from "@/lib/domain/people/network-of";
import { limitConcurrency } from "@/lib/platform/concurrency-limit";
import { servingProcesses } from "@/lib/platform/configuration";

// OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane.
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Hashing is the costliest work that somebody who is not signed in can cause. Two at once leave half of
 * Node's four threads, and a second processor, for everything else. If there are several serving
 * processes, each computes one at a time. A client that sends many requests waits behind its own.
 */
const inTurn = limitConcurrency({
  atOnce: servingProcesses() > 1 ? 1 : 2,
  waitingOfOne: 32,
  waitingInAll: 512,
});

/** Runs slow work on a password in the queue of `whose`. Throws `Busy` if too many wait. */
export function inPasswordTurn<Result>(whose: string, work: () => Promise<Result>): Promise<Result> {
  return inTurn(whose, work);
}

/** Whose queue it is: that of a signed-in person, or of a network. */
export function turnOf(asker: { readonly userId?: string; readonly ipAddress: string }): string {
  return asker.userId === undefined ? `network:${networkOf(asker.ipAddress)}` : `person:${asker.userId}`;
}

/**
 * An argon2id hash in PHC format, computed in the queue of `whose`. Without a name, all share one
 * queue. Throws `Busy` if too many wait.
 */
export function hashPassword(password: string, whose = "nobody"): Promise<string> {
  return inTurn(whose, () => hash(password, parameters));
}

let decoy: Promise<string> | undefined;

/**
 * Whether the password is right. The work is the same for an account that does not exist. It runs in
 * the queue of `whose`, and never inside a transaction, which would hold locks and a connection
 * meanwhile. Throws `Busy` if too many wait.
 */
export async function passwordFits(stored: string | null, password: string, whose: string): Promise<boolean> {
  decoy ??= hash("no account has this password", parameters);
  const standIn = await decoy;
  const fits = await inTurn(whose, () => verify(stored ?? standIn, password));
  return stored !== null && fits;
}
