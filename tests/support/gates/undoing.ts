import type { Database, Transaction } from "@/lib/platform/database";

class Undone extends Error {}

/**
 * The same database, in which the transaction that spends a certain proof can be undone at its commit. So one
 * arrangement can show for several proofs that each is accepted. Deferred constraints are checked.
 */
export function undoing(database: Database) {
  let undoneProof: string | null = null;
  async function undoIfSpent(transaction: Transaction): Promise<void> {
    if (undoneProof === null) return;
    const spent = { id: undoneProof, spentAt: { not: null } };
    if ((await transaction.stepUpProof.count({ where: spent })) === 0) return;
    await transaction.$executeRaw`SET CONSTRAINTS ALL IMMEDIATE`;
    throw new Undone("spent, and undone");
  }

  const client = new Proxy(database.client, {
    get(target, key) {
      if (key !== "$transaction") return Reflect.get(target, key);
      return (work: (transaction: Transaction) => Promise<unknown>, options?: object) =>
        target.$transaction(
          async (transaction) => {
            const result = await work(transaction);
            await undoIfSpent(transaction);
            return result;
          },
          { ...options, commitsWithLast: false } as object,
        );
    },
  });

  return {
    database: { ...database, client },
    /** Runs it. "undone" if it did everything that spends this proof, otherwise what it returned. */
    async undo<Result>(proofId: string, run: () => Promise<Result>): Promise<Result | "undone"> {
      undoneProof = proofId;
      try {
        return await run();
      } catch (error) {
        if (error instanceof Undone) return "undone";
        throw error;
      } finally {
        undoneProof = null;
      }
    },
  };
}
