import type { Transaction } from "@/lib/platform/database";

/** A check that a transaction has passed. Answers whether it still passes. */
type Check = () => Promise<boolean>;

/** What a transaction has checked since it began, or since it last repeated its checks. */
export interface Checks {
  readonly repeat: Check[];
}

const ofTransaction = new WeakMap<Transaction, Checks>();

/** A check that had passed does not pass any more: the transaction is undone and runs again from its beginning. */
export class Outdated extends Error {
  constructor() {
    super("what this transaction was allowed by has changed while it ran");
  }
}

/** Lets a new transaction keep checks. `inTransaction` calls it. */
export function keepChecks(transaction: Transaction): void {
  ofTransaction.set(transaction, { repeat: [] });
}

/** The checks of a running transaction. */
export function checksOf(transaction: Transaction): Checks {
  const checks = ofTransaction.get(transaction);
  if (!checks) throw new Error("a right is asked for outside a transaction");
  return checks;
}

/**
 * Repeats every check that was kept, and forgets them. Throws `Outdated` where one fails. `inTransaction` calls it just
 * before the commit, when the transaction has all the locks that it waited for. A verb calls it by itself only where its own
 * writes may take away what it was allowed by, such as somebody who removes their own role: after its last lock and
 * before that write.
 */
export async function repeatChecks(transaction: Transaction): Promise<void> {
  const { repeat } = checksOf(transaction);
  keepChecks(transaction);
  for (const passes of repeat) if (!(await passes())) throw new Outdated();
}
