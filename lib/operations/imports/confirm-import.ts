import { spendProof } from "@/lib/authority/spend-proof";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { factorFailures } from "@/lib/domain/gate/policy-rules";
import { importGrantsAccess } from "@/lib/domain/imports/import-kinds";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { importDigest } from "@/lib/operations/imports/import-digest";
import { applyImportOperation, importProgress, lockImport } from "@/lib/operations/imports/load-import";
import { requirePrincipalManager } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface ConfirmImportInput {
  readonly importId: string;
  /**
   * The reason for rows that grant access. If an import that stopped is confirmed again without one,
   * the earlier reason is kept.
   */
  readonly justification: string | null;
  readonly proofId: string | null;
}

/**
 * Confirms an import. The worker then applies its waiting rows with the caller's authority at that
 * time. If rows wait for a proof, one for exactly these rows and what they were shown to do is spent
 * here. It covers them for `importProofMinutes` (docs/decisions/imports.md). Confirming again changes
 * nothing. To a caller who may not handle the import it does not exist (`mayHandleImport`).
 */
export function confirmImport(
  database: Database,
  caller: Caller,
  input: ConfirmImportInput,
): Promise<OperationResult<{ left: number }>> {
  const attempt = {
    kind: "ImportConfirmed" as const,
    caller,
    justification: input.justification,
    details: { importId: input.importId },
  };
  return runOperation(database, attempt, async (transaction) => {
    await requirePrincipalManager(transaction, caller, attempt);
    const found = await lockImport(transaction, caller, input.importId, attempt);
    const entry = {
      ...attempt,
      details: { ...attempt.details, fileName: found.fileName, import: found.kind },
    };
    if (found.status === "Discarded") {
      throw new Refusal({ code: "Conflict", message: "This import was discarded." }, entry);
    }
    const { left, needProof, needPasskey } = await importProgress(transaction, found.id);
    if (found.status === "Applied" || found.confirmedById !== null) return { left };
    if ((await importDigest(transaction, found.id)) !== found.digest) {
      const message = "The rows differ from those that were shown. Upload the file again.";
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const justification = input.justification ?? found.justification;
    if (left > 0 && importGrantsAccess(found.kind) && justification === null) {
      throw new Refusal(
        { code: "InvalidInput", faults: [{ field: "justification", message: "Give a reason." }] },
        entry,
      );
    }
    const proof =
      needProof > 0
        ? await spendProof(transaction, caller, input.proofId, applyImportOperation(found))
        : null;
    if (needProof > 0) {
      const failures = factorFailures(proof?.method ?? null, needPasskey > 0).map((failure) =>
        failure.field === "passkey"
          ? { ...failure, message: needsResistant }
          : { ...failure, message: needsProof },
      );
      if (failures.length > 0)
        throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);
    }
    await transaction.import.update({
      where: { id: found.id },
      data: {
        status: "Applying",
        justification,
        confirmedAt: await databaseNow(transaction),
        confirmedById: caller.userId,
        proofId: proof?.id ?? null,
        stopReason: null,
        failures: 0,
      },
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      justification,
      proof,
      details: { ...entry.details, rows: left, digest: found.digest },
    });
    return { left };
  });
}

const needsProof =
  "Some of these rows take a second factor: by their role settings, or because they weaken protection, change an address or external id, or give access to yourself. Verify your identity with one.";
const needsResistant =
  "The role settings of some of these roles accept only a phishing-resistant factor, such as a passkey. Verify your identity with one.";
