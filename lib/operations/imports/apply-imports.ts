import { resistsPhishing } from "@/lib/domain/gate/step-up-method";
import { importProofMinutes, severalKinds } from "@/lib/domain/imports/import-kinds";
import { isolated } from "@/lib/domain/text/visible-text";
import { editSettingsOfRolesAlone } from "@/lib/operations/gate/lock-policy";
import { Refusal, refusedEntry } from "@/lib/operations/gate/refusal";
import { keepVerdicts, nextBatch } from "@/lib/operations/imports/import-batches";
import { digestOfBlocks } from "@/lib/operations/imports/import-digest";
import { proofAge } from "@/lib/operations/imports/importer";
import {
  importProgress,
  type LockedImport,
  lockDueImport,
  proofInForce,
  settingsAreDue,
} from "@/lib/operations/imports/load-import";
import { madeByImport } from "@/lib/operations/imports/made-by-import";
import { runImporter } from "@/lib/operations/imports/run-importer";
import { requirePrincipalManager } from "@/lib/operations/people/manage-principals";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { takesNoChanges } from "@/lib/platform/database-errors";
import { forgetPlans } from "@/lib/platform/sql/forget-plans";
import { databaseNow, inTransaction, readOnce } from "@/lib/platform/transaction";

/** After this many consecutive faults an import stops and waits for an administrator. */
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
 * since the dry run, the permissions of the person who confirmed it, and the role settings in force all count as they
 * are now. If a worker stops within a batch, nothing of the batch remains, and the next worker starts it again.
 * Returns how many rows were handled. A fault does not stop other imports. It is thrown at the end.
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
      // A temporary fault is not counted against the import.
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
  await forgetPlans(transaction);
  // It was confirmed meanwhile. The next batch takes that lock first.
  if ((found.kind === "RoleSettings" || found.kind === severalKinds) && !editsSettings) return 0;
  // In the name of the person who confirmed it, without their session, which may have ended.
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
  const proof = await proofInForce(transaction, found.id);
  const several = found.kind === severalKinds;
  const same = (await digestOfBlocks(transaction, found.id)) === found.digest;
  const batch = same ? await nextBatch(transaction, found, proof) : "Changed";
  if (batch === "Changed") {
    const reason = "The rows differ from those that were confirmed. Upload the file again.";
    await stop(transaction, found, reason, entry);
    return 0;
  }
  const { kind, rows: waiting } = batch;
  const verdicts = await runImporter(
    kind,
    {
      transaction,
      caller: actor,
      importId: found.id,
      write: true,
      rehearsal: false,
      made: several ? await madeByImport(transaction, found.id, found.createdAt) : new Set(),
      capToMaximum: found.capToMaximum,
      justification: found.justification,
      proof: once(() => proofInForce(transaction, found.id)),
      takes: () => {},
    },
    waiting,
  );
  await keepVerdicts(transaction, found.id, verdicts);
  const { left, needProof, needPasskey } = await importProgress(transaction, found.id);
  if (left === 0) {
    const details = { ...entry.details, ...proofAge(proof) };
    await finish(transaction, found, { ...entry, proof, details });
  } else if (
    !resistsPhishing(proof?.method ?? null) &&
    // If there are several kinds, the rest waits in its order, since later rows may build on earlier
    // ones.
    (several ? waiting.length === 0 : left === (proof === null ? needProof : needPasskey))
  ) {
    const reason = proof
      ? "The role settings of the remaining rows accept only a phishing-resistant factor."
      : found.hadProof
        ? `The code that confirmed it is older than ${importProofMinutes} minutes, or its factor was removed or replaced since. The remaining rows need a new code.`
        : "The remaining rows need a second factor. Their role settings require it, they weaken protection, they change an address or external id, or you would get access yourself.";
    await stop(transaction, found, reason, { ...entry, failedRules: ["MfaRule"] });
  } else await transaction.import.update({ where: { id: found.id }, data: { failures: 0 } });
  return verdicts.length;
}

/**
 * Answers the same each time. Read at the first call, after the locks, since a proof may become too old
 * while this waits.
 */
function once<Answer>(find: () => Promise<Answer>): () => Promise<Answer> {
  let found: Promise<Answer> | null = null;
  return () => {
    found ??= find();
    return found;
  };
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

/** Withdraws the confirmation. The rest waits until somebody confirms it again. */
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

/** Counts a fault. The import is tried again, and stops after several in a row. */
async function recordFault(database: Database, importId: string): Promise<void> {
  await inTransaction(database, async (transaction) => {
    const { failures } = await transaction.import.update({
      where: { id: importId },
      data: { failures: { increment: 1 } },
      select: { failures: true },
    });
    if (failures < mostFailures) return;
    const reason = `It failed ${failures} times in a row because of a fault in Postern. The Background jobs page shows the error.`;
    await transaction.import.update({
      where: { id: importId },
      data: { ...unconfirmed, stopReason: reason },
    });
  });
}
