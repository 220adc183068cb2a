import { rootResource } from "@/lib/authority/authority";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { type ImportKind, maximumImportRows, maximumLargeRows } from "@/lib/domain/imports/import-kinds";
import { inOrder, refuseRepeated } from "@/lib/domain/imports/import-order";
import { gatherRights } from "@/lib/domain/imports/import-rights";
import { counted } from "@/lib/domain/text/number-format";
import { visibleText } from "@/lib/domain/text/unseen";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { findMissingMembers } from "@/lib/operations/imports/missing-members";
import { otherTenantFault } from "@/lib/operations/imports/refuse-other-tenant";
import { refuseTooManyWaiting } from "@/lib/operations/imports/refuse-too-many-waiting";
import { runImporter } from "@/lib/operations/imports/run-importer";
import {
  finishImport,
  type JudgedRow,
  makeImport,
  storedFileName,
  storeRows,
} from "@/lib/operations/imports/store-import";
import { requirePrincipalManager } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { readImportFile } from "@/lib/platform/import-files/import-file";
import type { FileResult } from "@/lib/platform/import-files/import-rows";
import { longestStaging } from "@/lib/platform/transaction";

export interface StageImportInput extends Choices {
  readonly content: string;
  /** The group whose members the file lists, if the file does not name it. */
  readonly group: string | null;
}

interface Choices {
  readonly kind: ImportKind;
  readonly fileName: string;
  /** Whether to end a permanent assignment after the maximum if the settings do not allow a permanent one. */
  readonly capToMaximum: boolean;
  /** Whether to remove members of a group that the file does not list. */
  readonly removeMembers: boolean;
}

/**
 * Reads a file into an import and shows what applying each row would do. Changes nothing else. It
 * requires the right to manage people at the root; further rights are judged row by row.
 */
export function stageImport(
  database: Database,
  caller: Caller,
  input: StageImportInput,
): Promise<StagedImport> {
  const { kind, content, group } = input;
  return stageRows(database, caller, input, readImportFile(kind, content, group, maximumLargeRows));
}

export type StagedImport = OperationResult<{ importId: string; skipped: readonly string[] }>;

/** The same for a file that was already read in parts. It may have more rows, so it may take longer. */
export function stageRows(
  database: Database,
  caller: Caller,
  input: Choices,
  file: FileResult,
): Promise<StagedImport> {
  const { kind, capToMaximum } = input;
  const fileName = storedFileName(input.fileName);
  const attempt = { kind: "ImportStaged" as const, caller, details: { import: kind, fileName } };
  const refuse = (message: string) =>
    new Refusal({ code: "InvalidInput", faults: [{ field: "file", message }] }, attempt);
  return runOperation(
    database,
    attempt,
    async (transaction) => {
      await requirePrincipalManager(transaction, caller, attempt);
      await refuseTooManyWaiting(transaction, caller, attempt);
      if (!file.ok) throw refuse(file.message);
      const otherTenant = await otherTenantFault(transaction, file.rows);
      if (otherTenant !== null) throw refuse(otherTenant);
      const missing =
        kind === "GroupMembers" ? await findMissingMembers(transaction, file.rows, input.removeMembers) : [];
      if (missing === null)
        throw refuse(
          `The file leaves out more than ${counted(maximumImportRows)} members of its groups. Is it complete?`,
        );
      const staying = new Map(
        missing.filter((each) => !each.willBeRemoved).map((each) => [each.row.number, each.reason ?? ""]),
      );
      const rows = [...inOrder(refuseRepeated(kind, file.rows)), ...missing.map(({ row }) => row)];
      const good = rows
        .filter(({ number }) => !staying.has(number))
        .flatMap((row) => ("data" in row ? [{ number: row.number, data: row.data, shown: null }] : []));
      const importId = await makeImport(transaction, {
        ...{ kind, fileName, capToMaximum, createdById: caller.userId },
      });
      const rights = gatherRights();
      const verdicts = await runImporter(
        kind,
        {
          transaction,
          caller,
          importId,
          write: false,
          rehearsal: false,
          made: new Set(),
          capToMaximum,
          justification: null,
          proof: async () => null,
          takes: rights.add,
        },
        good,
      );
      const verdictOf = new Map(verdicts.map((verdict) => [verdict.number, verdict]));
      const judged = rows.map(
        (row): JudgedRow => ({
          row,
          verdict: verdictOf.get(row.number) ?? null,
          stays: staying.get(row.number) ?? null,
        }),
      );
      const counts = await storeRows(transaction, importId, judged);
      await finishImport(transaction, importId, rights.all((await rootResource(transaction)).id));
      const skipped = file.skipped.length > 0 ? { skipped: file.skipped.map(visibleText) } : {};
      const details = { ...attempt.details, importId, ...skipped, ...counts };
      await recordAuditEvent(transaction, { ...attempt, outcome: "Success", details });
      return { importId, skipped: file.skipped };
    },
    longestStaging,
  );
}
