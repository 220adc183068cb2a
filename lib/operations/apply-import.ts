import type { ImportKind } from "@/lib/domain/import-kinds";
import type { OperationResult } from "@/lib/domain/operation-error";
import type { ProtectedOperation } from "@/lib/domain/protected-operation";
import type { ImportVerdict } from "@/lib/operations/imports/importer";
import { runImporter } from "@/lib/operations/imports/run-importer";
import { requirePrincipalManager } from "@/lib/operations/manage-principals";
import { notFound, Refusal, runOperation } from "@/lib/operations/refusal";
import { spendProof } from "@/lib/operations/spend-proof";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { databaseNow } from "@/lib/platform/transaction";

/** How many rows one transaction applies; those that need a proof are written with the one proof that is spent. */
const batchRows = 500;
export const rowsPerProof = 1_000;

export interface ApplyImportInput {
  readonly importId: string;
  /** The reason of every direct assignment; kept from the first batch for those that follow. */
  readonly justification: string | null;
  readonly proofId: string | null;
}

interface LockedImport {
  readonly id: string;
  readonly kind: ImportKind;
  readonly status: "Staged" | "Applying" | "Applied" | "Discarded";
  readonly digest: string;
  readonly capToMaximum: boolean;
  readonly justification: string | null;
  readonly fileName: string;
}

/** The operation that an administrator's proof for an import's direct assignments is bound to. */
export function applyImportOperation(found: {
  readonly id: string;
  readonly digest: string;
}): ProtectedOperation {
  return { kind: "ApplyImport", importId: found.id, digest: found.digest };
}

/**
 * Applies the next batch of an import, in one transaction, judging every row anew: what changed since the dry run, the
 * caller's permissions and the role settings in force count as they are now. Direct assignments whose settings require
 * MFA are written only in a transaction that spends a proof for this import. `left` rows wait for the next call; one
 * that was cut off, by a restart too, goes on where it was. Applying again changes nothing.
 */
export function applyImport(
  database: Database,
  caller: Caller,
  input: ApplyImportInput,
): Promise<OperationResult<{ done: number; left: number }>> {
  const attempt = {
    kind: "ImportApplied" as const,
    caller,
    justification: input.justification,
    details: { importId: input.importId },
  };
  return runOperation(database, attempt, async (transaction) => {
    await requirePrincipalManager(transaction, caller, attempt);
    const found = await lockImport(transaction, input.importId);
    if (!found) throw new Refusal(notFound, attempt);
    const entry = {
      ...attempt,
      details: { ...attempt.details, fileName: found.fileName, import: found.kind },
    };
    if (found.status === "Discarded") {
      throw new Refusal({ code: "Conflict", message: "This import was discarded." }, entry);
    }
    if (found.status === "Applied") return progress(transaction, found.id);
    const justification = input.justification ?? found.justification;
    if (found.kind === "RoleAssignments" && justification === null) {
      throw new Refusal(
        { code: "InvalidInput", faults: [{ field: "justification", message: "Give a reason." }] },
        entry,
      );
    }
    const waiting = await nextRows(transaction, found.id, input.proofId !== null);
    if (waiting.length === 0 && (await progress(transaction, found.id)).left > 0) {
      throw new Refusal(needsProof, entry);
    }
    let spent: ReturnType<typeof spendProof> | null = null;
    const verdicts = await runImporter(
      found.kind,
      {
        transaction,
        caller,
        importId: found.id,
        write: true,
        capToMaximum: found.capToMaximum,
        justification,
        proof: () => {
          spent ??= spendProof(transaction, caller, input.proofId, applyImportOperation(found));
          return spent;
        },
      },
      waiting,
    );
    await keep(transaction, found.id, verdicts);
    const now = await progress(transaction, found.id);
    if (input.proofId !== null && verdicts.length > 0 && verdicts.every((verdict) => verdict.needsProof)) {
      throw new Refusal(needsProof, entry);
    }
    const finished = now.left === 0;
    await transaction.import.update({
      where: { id: found.id },
      data: {
        status: finished ? "Applied" : "Applying",
        justification,
        ...(finished ? { finishedAt: await databaseNow(transaction) } : {}),
      },
    });
    if (finished) {
      const details = { ...entry.details, ...(await counts(transaction, found.id)) };
      await recordAuditEvent(transaction, { ...entry, outcome: "Success", justification, details });
    }
    return now;
  });
}

const needsProof = {
  code: "RoleAssignmentRequestPolicyValidationFailed",
  failures: [
    {
      rule: "MfaRule",
      field: "code",
      message:
        "The role settings of some of these roles require MFA on direct assignment: enter a code from your authenticator app.",
    },
  ],
} as const;

async function lockImport(transaction: Transaction, id: string): Promise<LockedImport | null> {
  const [row] = await transaction.$queryRaw<LockedImport[]>`
    SELECT id, kind::text, status::text, digest, cap_to_maximum AS "capToMaximum", justification,
      file_name AS "fileName"
    FROM imports WHERE id = ${id}::uuid FOR UPDATE`;
  return row ?? null;
}

/** The rows that the proof is for, when there is one and there are any; else those that need none. */
async function nextRows(transaction: Transaction, importId: string, proved: boolean) {
  const rows = (state: "NeedsProof" | "Pending", limit: number) =>
    transaction.$queryRaw<{ number: number; data: unknown }[]>`
      SELECT number, data FROM import_rows
      WHERE import_id = ${importId}::uuid AND state = ${state}::import_row_state ORDER BY position LIMIT ${limit}`;
  const protectedRows = proved ? await rows("NeedsProof", rowsPerProof) : [];
  return protectedRows.length > 0 ? protectedRows : rows("Pending", batchRows);
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
    state: verdict.needsProof
      ? "NeedsProof"
      : { Add: "Applied", Change: "Applied", Unchanged: "Unchanged", Bad: "Failed" }[verdict.outcome],
  }));
  await transaction.$executeRaw(Prisma.sql`
    UPDATE import_rows SET outcome = r.outcome, state = r.state, reason = r.reason,
      difference = coalesce(r.difference, import_rows.difference)
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (number integer, outcome import_row_outcome,
      state import_row_state, reason text, difference jsonb)
    WHERE import_rows.import_id = ${importId}::uuid AND import_rows.number = r.number`);
}

async function progress(transaction: Transaction, importId: string): Promise<{ done: number; left: number }> {
  const [row] = await transaction.$queryRaw<{ done: number; left: number }[]>`
    SELECT count(*) FILTER (WHERE state NOT IN ('Pending', 'NeedsProof'))::int AS done,
      count(*) FILTER (WHERE state IN ('Pending', 'NeedsProof'))::int AS left
    FROM import_rows WHERE import_id = ${importId}::uuid`;
  return row ?? { done: 0, left: 0 };
}

async function counts(transaction: Transaction, importId: string) {
  const rows = await transaction.importRow.groupBy({
    by: ["state"],
    where: { importId },
    _count: { _all: true },
  });
  const of = (state: string) => rows.find((row) => row.state === state)?._count._all ?? 0;
  return { applied: of("Applied"), unchanged: of("Unchanged"), bad: of("Failed") };
}
