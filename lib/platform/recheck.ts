import type { Prisma } from "@/lib/platform/generated/client";

type Transaction = Prisma.TransactionClient;

/** A check that a transaction has passed. Returns whether it still passes. */
type Check = () => Promise<boolean>;

/** The checks of a transaction since it began, or since they were last repeated. */
export interface Checks {
  readonly repeat: Check[];
}

const ofTransaction = new WeakMap<Transaction, Checks>();

/** A check no longer passes, so the transaction is rolled back and runs again. */
export class Outdated extends Error {
  constructor() {
    super("what this transaction was allowed by has changed while it ran");
  }
}

/** Starts the checks of a new transaction. `inTransaction` calls it. */
export function keepChecks(transaction: Transaction): void {
  ofTransaction.set(transaction, { repeat: [] });
}

/** The checks of a running transaction. */
export function checksOf(transaction: Transaction): Checks {
  const checks = ofTransaction.get(transaction);
  if (!checks) throw new Error("a right is asked for outside a transaction");
  return checks;
}

/** Whether checks are left to repeat. Always, for a transaction that `inTransaction` did not begin. */
export function checksAreLeft(transaction: Transaction): boolean {
  return ofTransaction.get(transaction)?.repeat.length !== 0;
}

/**
 * Repeats all checks and clears them. Throws `Outdated` if one fails. `inTransaction` calls it just before the
 * commit, when the transaction has all its locks. A verb calls it itself only if its own writes may remove what
 * allowed it, such as a person who removes their own role: after its last lock and before that write.
 */
export async function repeatChecks(transaction: Transaction): Promise<void> {
  const { repeat } = checksOf(transaction);
  keepChecks(transaction);
  for (const passes of repeat) if (!(await passes())) throw new Outdated();
}
