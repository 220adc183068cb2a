import { addDays } from "@/lib/domain/time/schedule";
import { batch, sweep } from "@/lib/operations/gate/sweep";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/** How long an import waits to be confirmed. */
const stagedDays = 30;
/** How many rows of a table one transaction removes, and how many transactions one run has. */
const most = 5_000;
const rounds = 200;

/**
 * Removes what need not be kept any longer (docs/decisions/what-grows.md), as the database's own
 * function defines it. Discards imports that nobody confirmed. Returns how many rows were removed.
 */
export async function prunePast(database: Database): Promise<number> {
  const discarded = await sweep(database, discardStaged);
  let removed = 0;
  for (let round = 0; round < rounds; round += 1) {
    const counts = await inTransaction(
      database,
      (transaction) =>
        transaction.$queryRaw<{ removed: number }[]>`SELECT removed FROM prune_past(${most}::int)`,
    );
    removed += counts.reduce((sum, each) => sum + each.removed, 0);
    if (counts.every((each) => each.removed < most)) break;
  }
  return discarded + removed;
}

async function discardStaged(transaction: Transaction): Promise<number> {
  const now = await databaseNow(transaction);
  const stale = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM imports WHERE status = 'Staged' AND created_at < ${addDays(now, -stagedDays)}
    ORDER BY created_at, id LIMIT ${batch} FOR UPDATE SKIP LOCKED`;
  if (stale.length === 0) return 0;
  await transaction.import.updateMany({
    where: { id: { in: stale.map(({ id }) => id) } },
    data: { status: "Discarded", finishedAt: now },
  });
  await recordAuditEvents(
    transaction,
    stale.map(({ id }) => ({
      kind: "ImportDiscarded" as const,
      outcome: "Success" as const,
      details: { importId: id, reason: `Nobody confirmed it within ${stagedDays} days.` },
    })),
  );
  return stale.length;
}
