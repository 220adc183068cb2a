import { type SpentProof, spendProof } from "@/lib/authority/spend-proof";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { alreadyAssigned } from "@/lib/domain/requests/activation-refusal";
import { keepEditsOfRolesAway } from "@/lib/operations/gate/lock-policy";
import type { Prove } from "@/lib/operations/gate/prove";
import { noChangesNow, Refusal, refusedEntry, refuseUnreadable } from "@/lib/operations/gate/refusal";
import { type AuditEntry, recordAuditEvents, recordRefusal, recordRefusals } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { isExclusionViolation } from "@/lib/platform/database-errors";
import { inTransaction } from "@/lib/platform/transaction";

/** How many rows a batch may have: as many as a person can look through and one transaction handles quickly. */
export const maximumRows = 100;

/** A verb that is run for many rows. */
export interface Batch<Row, Done extends object> {
  /** At most `maximumRows`. */
  readonly rows: readonly Row[];
  /** The key by which rows are run. It is the same in every batch, so that two batches lock in the same order. */
  readonly order: (row: Row) => string;
  /** The log entry if the row is refused. */
  readonly attempt: (row: Row) => Omit<AuditEntry, "outcome">;
  readonly work: (transaction: Transaction, row: Row, prove: Prove) => Promise<Done>;
}

/** The result of a row. */
export type RowResult<Done extends object> = OperationResult<Done>;

/**
 * The preview of a batch: each row's result, whether any row requires a second factor, and whether only a
 * phishing-resistant one does.
 */
export interface BatchPreview<Done extends object> {
  readonly results: readonly RowResult<Done>[];
  readonly needsCode: boolean;
  readonly needsResistant: boolean;
}

interface Outcome<Done extends object> {
  readonly results: readonly RowResult<Done>[];
  readonly refused: readonly Omit<AuditEntry, "outcome">[];
}

/** Rolls a batch back and carries its outcome. */
class RolledBack<Done extends object> extends Error {
  constructor(readonly outcome: Outcome<Done>) {
    super("the batch is rolled back");
  }
}

/**
 * Runs a batch in one transaction with a savepoint for each row. Each row succeeds or fails on its own. Refused rows
 * are logged beside the others. The proof is spent once, with the first row that requires it, and stays unspent if no
 * such row succeeds. If no row succeeds, only the refusals are written. Answers in the order of the rows. If the
 * database cannot take changes, that is the answer for every row.
 */
export async function runBatch<Row, Done extends object>(
  database: Database,
  caller: Caller,
  proofId: string | null,
  batch: Batch<Row, Done>,
): Promise<readonly RowResult<Done>[]> {
  try {
    return await runRows(database, caller, proofId, batch);
  } catch (thrown) {
    const answer = noChangesNow(thrown);
    return batch.rows.map(() => answer);
  }
}

async function runRows<Row, Done extends object>(
  database: Database,
  caller: Caller,
  proofId: string | null,
  batch: Batch<Row, Done>,
): Promise<readonly RowResult<Done>[]> {
  try {
    return await inTransaction(database, async (transaction) => {
      let proof: SpentProof | null = null;
      const outcome = await runEachRow(transaction, batch, async (attempt) => {
        const before: SpentProof | null = proof;
        const prove: Prove = async (operation) => {
          proof ??= await spendProof(transaction, caller, proofId, operation);
          return { provedBy: proof?.method ?? null, proof };
        };
        return attempt(prove, () => {
          proof = before;
        });
      });
      if (outcome.refused.length === batch.rows.length) throw new RolledBack(outcome);
      await recordAuditEvents(
        transaction,
        outcome.refused.map((entry) => ({ ...entry, outcome: "Failure" })),
      );
      return outcome.results;
    });
  } catch (thrown) {
    if (!(thrown instanceof RolledBack)) throw thrown;
    const { refused, results } = thrown.outcome as Outcome<Done>;
    await recordRefusals(database, refused);
    return results;
  }
}

/**
 * Errors that say the caller has no right to the row. A preview logs only these, since it exists to
 * find out the other errors.
 */
const withoutRight = new Set<unknown>(["AuthorizationFailed", "NotFound", "OwnRequest"]);

/**
 * Runs a batch and rolls it back: the same rules apply, and nothing is written. It asks for no code, but the answer
 * says if one would be required. Rows that the caller has no right to are logged once per preview.
 */
export async function previewBatch<Row, Done extends object>(
  database: Database,
  batch: Batch<Row, Done>,
): Promise<BatchPreview<Done>> {
  try {
    return await previewRows(database, batch);
  } catch (thrown) {
    const answer = noChangesNow(thrown);
    return { results: batch.rows.map(() => answer), needsCode: false, needsResistant: false };
  }
}

async function previewRows<Row, Done extends object>(
  database: Database,
  batch: Batch<Row, Done>,
): Promise<BatchPreview<Done>> {
  let [needsCode, needsResistant] = [false, false];
  try {
    await inTransaction(database, async (transaction) => {
      [needsCode, needsResistant] = [false, false];
      const outcome = await runEachRow(transaction, batch, (attempt) => {
        let [asked, passkey] = [false, false];
        const prove: Prove = async (_operation, resistantOnly) => {
          asked = true;
          passkey ||= resistantOnly;
          return { provedBy: "Passkey", proof: null };
        };
        return attempt(prove, () => {
          [asked, passkey] = [false, false];
        }).then((result) => {
          needsCode ||= asked;
          needsResistant ||= passkey;
          return result;
        });
      });
      throw new RolledBack(outcome);
    });
  } catch (thrown) {
    if (!(thrown instanceof RolledBack)) throw thrown;
    const { results, refused } = thrown.outcome as Outcome<Done>;
    const [first, ...others] = refused.filter(({ details }) => withoutRight.has(details?.error));
    if (first) {
      const details = { ...first.details, preview: true, refusedRows: 1 + others.length };
      await recordRefusal(database, { ...first, details });
    }
    return { results, needsCode, needsResistant };
  }
  throw new Error("a preview was not rolled back");
}

type Attempt<Done extends object> = (prove: Prove, rolledBack: () => void) => Promise<RowResult<Done>>;

async function runEachRow<Row, Done extends object>(
  transaction: Transaction,
  batch: Batch<Row, Done>,
  around: (attempt: Attempt<Done>) => Promise<RowResult<Done>>,
): Promise<Outcome<Done>> {
  if (batch.rows.length > maximumRows) throw new RangeError("a batch has too many rows");
  const found = new Map<Row, RowResult<Done>>();
  const refused: Omit<AuditEntry, "outcome">[] = [];
  if (batch.rows.length > 1) await keepEditsOfRolesAway(transaction);
  const inOrder = [...batch.rows].sort((left, right) => {
    const [one, other] = [batch.order(left), batch.order(right)];
    return one < other ? -1 : one > other ? 1 : 0;
  });
  for (const row of inOrder) {
    await transaction.$executeRaw`SAVEPOINT one_row`;
    const result = await around(async (prove, rolledBack) => {
      try {
        refuseUnreadable(batch.attempt(row));
        const done = await batch.work(transaction, row, prove);
        await transaction.$executeRaw`RELEASE SAVEPOINT one_row`;
        return { ok: true, ...done };
      } catch (thrown) {
        const refusal = isExclusionViolation(thrown) ? new Refusal(alreadyAssigned, null) : thrown;
        if (!(refusal instanceof Refusal)) throw thrown;
        await transaction.$executeRaw`ROLLBACK TO SAVEPOINT one_row`;
        rolledBack();
        refused.push(refusedEntry(refusal, batch.attempt(row)));
        return { ok: false, error: refusal.error };
      }
    });
    found.set(row, result);
  }
  const results = batch.rows.flatMap((row) => found.get(row) ?? []);
  return { results, refused };
}
