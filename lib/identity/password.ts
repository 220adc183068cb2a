import { hash, verify } from "@node-rs/argon2";
import { networkOf } from "@/lib/domain/network-of";
import { takingTurns } from "@/lib/platform/turns";

// OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane.
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Hashing is the costliest thing that a stranger can ask for. Two at once leave half of Node's four threads, and a
 * second processor, to everything else; whoever asks for many waits behind themselves.
 */
const inTurn = takingTurns({ atOnce: 2, waitingOfOne: 32, waitingInAll: 512 });

/** Whose turn it is: a person who is signed in, or the network that a stranger comes from. */
export function turnOf(asker: { readonly userId?: string; readonly ipAddress: string }): string {
  return asker.userId === undefined ? `network:${networkOf(asker.ipAddress)}` : `person:${asker.userId}`;
}

/**
 * An argon2id hash in PHC format, made in the turn of `whose`; whoever names nobody shares one turn. Throws `Busy` when
 * too many wait.
 */
export function hashPassword(password: string, whose = "nobody"): Promise<string> {
  return inTurn(whose, () => hash(password, parameters));
}

let decoy: Promise<string> | undefined;

/**
 * Whether the password fits; the same work is done for an account that does not exist as for one that does. Done in the
 * turn of `whose`: never inside a transaction, which would hold its locks and its connection meanwhile. Throws `Busy`
 * when too many wait.
 */
export async function passwordFits(stored: string | null, password: string, whose: string): Promise<boolean> {
  decoy ??= hash("no account has this password", parameters);
  const standIn = await decoy;
  const fits = await inTurn(whose, () => verify(stored ?? standIn, password));
  return stored !== null && fits;
}
