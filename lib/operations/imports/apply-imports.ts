import { resistsPhishing } from "@/lib/domain/gate/step-up-method";
import { importProofMinutes } from "@/lib/domain/imports/import-kinds";
import { isolated } from "@/lib/domain/text/visible-text";
import { editSettingsOfRolesAlone } from "@/lib/operations/gate/lock-policy";
import { Refusal, refusedEntry } from "@/lib/operations/gate/refusal";
import { importDigest } from "@/lib/operations/imports/import-digest";
import type { ImportProof } from "@/lib/operations/imports/importer";
import { type ImportVerdict, proofAge } from "@/lib/operations/imports/importer";
import {
  importProgress,
  type LockedImport,
  lockDueImport,
  proofInForce,
  settingsAreDue,
} from "@/lib/operations/imports/load-import";
import { runImporter, type StoredItem, shownRow } from "@/lib/operations/imports/run-importer";
import { requirePrincipalManager } from "@/lib/operations/people/manage-principals";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { takesNoChanges } from "@/lib/platform/database-errors";
import { databaseNow, inTransaction, readOnce } from "@/lib/platform/transaction";

/** How many rows one transaction applies. */
const batchRows = 500;
/** After so many consecutive faults an import stops and waits for an administrator. */
const mostFailures = 5;

/** Whether a confirmed import waits. */
export async function importsAreDue(database: Database): Promise<boolean> {
  const [row] = await readOnce(
    database,
    (client) => client.$queryRaw<{ due: boolean }[]>`
      SELECT EXISTS (SELECT FROM imports WHERE status = 'Applying' AND confirmed_at IS NOT NULL) AS due`,
  );
  return row?.due ?? false;
}

/**
 * Applies every confirmed import, batch by batch. A batch is one transaction that judges its rows again: changes
 * since the dry run, the permissions of whoever confirmed it, and the role settings in force count as they are now.
 * If a worker stops within a batch, nothing of it remains, and the next worker begins it again. Returns how many rows
 * were handled. A fault stops no other import; it is thrown at the end.
 */
export async function applyImports(database: Database): Promise<number> {
  let count = 0;
  const faulty: string[] = [];
  const faults: unknown[] = [];
  for (;;) {
    const at = { id: "" };
    try {
      const taken = await inTransaction(database, (transaction) =>
        applyNextBatch(transaction, faulty, (id) => {
          at.id = id;
        }),
      );
      if (taken === null) break;
      count += taken;
    } catch (fault) {
      if (at.id === "") throw fault;
      faulty.push(at.id);
      faults.push(fault);
      // A fault that passes by itself is not counted against the import.
      if (!takesNoChanges(fault)) await recordFault(database, at.id);
    }
  }
  if (faults.length > 0) throw faults[0];
  return count;
}

/** One batch of the import that has waited longest; null when none waits. */
async function applyNextBatch(
  transaction: Transaction,
  leftOut: readonly string[],
  began: (id: string) => void,
): Promise<number | null> {
  const editsSettings = await settingsAreDue(transaction);
  if (editsSettings) await editSettingsOfRolesAlone(transaction);
  const found = await lockDueImport(transaction, leftOut);
  if (!found?.confirmedById) return null;
  began(found.id);
  // It was confirmed since: the next batch takes that lock first.
  if (found.kind === "RoleSettings" && !editsSettings) return 0;
  // In the name of whoever confirmed it, without their session, which may have ended.
  const actor: Actor = {
    userId: found.confirmedById,
    displayName: found.confirmedByName ?? "",
    correlationId: found.id,
  };
  const entry = {
    kind: "ImportApplied" as const,
    caller: actor,
    justification: found.justification,
    details: { importId: found.id, fileName: found.fileName, import: found.kind },
  };
  try {
    await requirePrincipalManager(transaction, actor, entry);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    const reason = `${isolated(actor.displayName)} may no longer import.`;
    const refused = refusedEntry(thrown, entry);
    const details = { ...entry.details, ...refused.details };
    await stop(transaction, found, reason, { ...refused, details });
    return 0;
  }
  if ((await importDigest(transaction, found.id)) !== found.digest) {
    const reason = "The rows differ from those that were confirmed. Upload the file again.";
    await stop(transaction, found, reason, entry);
    return 0;
  }
  const proof = await proofInForce(transaction, found.id);
  const waiting = await nextRows(transaction, found.id, proof);
  const verdicts = await runImporter(
    found.kind,
    {
      transaction,
      caller: actor,
      importId: found.id,
      write: true,
      capToMaximum: found.capToMaximum,
      justification: found.justification,
      proof: once(() => proofInForce(transaction, found.id)),
      takes: () => {},
    },
    waiting,
  );
  await keep(transaction, found.id, verdicts);
  const { left, needProof, needPasskey } = await importProgress(transaction, found.id);
  if (left === 0) {
    const details = { ...entry.details, ...proofAge(proof) };
    await finish(transaction, found, { ...entry, proof, details });
  } else if (left === (proof === null ? needProof : needPasskey) && !resistsPhishing(proof?.method ?? null)) {
    const reason = proof
      ? "The role settings of the remaining rows accept only a phishing-resistant factor."
      : found.hadProof
        ? `The code that confirmed it is older than ${importProofMinutes} minutes. The remaining rows need a new code.`
        : "The remaining rows need a second factor. Their role settings require it, they weaken protection, or you would get access yourself.";
    await stop(transaction, found, reason, { ...entry, failedRules: ["MfaRule"] });
  } else await transaction.import.update({ where: { id: found.id }, data: { failures: 0 } });
  return verdicts.length;
}

/**
 * The same answer each time, read at the first call: after the locks, since a proof may become too old while this
 * waits.
 */
function once<Answer>(find: () => Promise<Answer>): () => Promise<Answer> {
  let found: Promise<Answer> | null = null;
  return () => {
    found ??= find();
    return found;
  };
}

/** The next rows, with those that require a proof if there is one by a factor that they accept. */
async function nextRows(
  transaction: Transaction,
  importId: string,
  proof: ImportProof | null,
): Promise<StoredItem[]> {
  const rows = await transaction.$queryRaw<(Omit<StoredItem, "shown"> & { shown: unknown })[]>`
    SELECT number, data, shown FROM import_rows
    WHERE import_id = ${importId}::uuid AND (state = 'Pending' OR (${proof !== null} AND state = 'NeedsProof'
      AND (NOT needs_passkey OR ${resistsPhishing(proof?.method ?? null)})))
    ORDER BY position LIMIT ${batchRows}`;
  return rows.map((row) => ({ ...row, shown: shownRow(row.shown) }));
}

async function keep(
  transaction: Transaction,
  importId: string,
  verdicts: readonly ImportVerdict[],
): Promise<void> {
  const rows = verdicts.map((verdict) => ({
    number: verdict.number,
    outcome: verdict.outcome,
    reason: verdict.reason,
    difference: verdict.difference,
    needs_passkey: verdict.needsResistant ?? false,
    conflicts: verdict.conflicts ?? null,
    state: verdict.needsProof
      ? "NeedsProof"
      : { Add: "Applied", Change: "Applied", Remove: "Applied", Unchanged: "Unchanged", Bad: "Failed" }[
          verdict.outcome
        ],
  }));
  await transaction.$executeRaw`
    UPDATE import_rows SET outcome = r.outcome, state = r.state, reason = r.reason,
      difference = coalesce(r.difference, import_rows.difference), needs_passkey = r.needs_passkey, conflicts = r.conflicts
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (number integer, outcome import_row_outcome,
      state import_row_state, reason text, difference jsonb, needs_passkey boolean, conflicts jsonb)
    WHERE import_rows.import_id = ${importId}::uuid AND import_rows.number = r.number`;
}

async function finish(
  transaction: Transaction,
  found: LockedImport,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const data = { status: "Applied" as const, finishedAt: await databaseNow(transaction), failures: 0 };
  await transaction.import.update({ where: { id: found.id }, data });
  const rows = await transaction.importRow.groupBy({
    by: ["state"],
    where: { importId: found.id },
    _count: { _all: true },
  });
  const of = (state: string) => rows.find((row) => row.state === state)?._count._all ?? 0;
  const counts = { applied: of("Applied"), unchanged: of("Unchanged"), bad: of("Failed") };
  await recordAuditEvent(transaction, {
    ...entry,
    outcome: "Success",
    details: { ...entry.details, ...counts },
  });
}

/** Withdraws the confirmation: the rest waits until somebody confirms it again. */
async function stop(
  transaction: Transaction,
  found: LockedImport,
  reason: string,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  await transaction.import.update({ where: { id: found.id }, data: { ...unconfirmed, stopReason: reason } });
  await recordAuditEvent(transaction, {
    ...entry,
    outcome: "Failure",
    details: { ...entry.details, reason },
  });
}

const unconfirmed = { confirmedAt: null, confirmedById: null, proofId: null, failures: 0 };

/** Counts a fault; the import is tried again, and stops after several in a row. */
async function recordFault(database: Database, importId: string): Promise<void> {
  await inTransaction(database, async (transaction) => {
    const { failures } = await transaction.import.update({
      where: { id: importId },
      data: { failures: { increment: 1 } },
      select: { failures: true },
    });
    if (failures < mostFailures) return;
    const reason = `It failed ${failures} times in a row because of a fault in Postern. The page Background jobs shows the error.`;
    await transaction.import.update({
      where: { id: importId },
      data: { ...unconfirmed, stopReason: reason },
    });
  });
}
