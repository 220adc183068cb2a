import { randomUUID } from "node:crypto";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { kindOrder } from "@/lib/domain/imports/detect-kind";
import {
  type FileRow,
  type ImportKind,
  maximumImportRows,
  severalKinds,
} from "@/lib/domain/imports/import-kinds";
import { inOrder, refuseRepeated } from "@/lib/domain/imports/import-order";
import type { ImportRight } from "@/lib/domain/imports/import-rights";
import { counted } from "@/lib/domain/text/number-format";
import { visibleText } from "@/lib/domain/text/unseen";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { otherTenantFault } from "@/lib/operations/imports/refuse-other-tenant";
import { refuseTooManyWaiting } from "@/lib/operations/imports/refuse-too-many-waiting";
import { type RowsOfKind, rehearseImport } from "@/lib/operations/imports/rehearse-import";
import {
  finishImport,
  type JudgedRow,
  makeImport,
  storedFileName,
  storeRows,
} from "@/lib/operations/imports/store-import";
import { requirePrincipalManager } from "@/lib/operations/people/manage-principals";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Actor, Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import type { SeveralRead } from "@/lib/platform/import-files/several-import-files";

export interface StageFilesInput {
  readonly files: SeveralRead;
  /** Whether assignments that the settings do not allow to last so long shall end after their maximum. */
  readonly capToMaximum: boolean;
  /** Whether to remove members of a group that the files do not list. */
  readonly removeMembers: boolean;
}

/** From which of several files a row comes. */
interface FileOfRow {
  readonly kind: ImportKind;
  readonly fileName: string;
}

/** All rows of the files by kind, in the order in which they are applied, or why the files are refused. */
interface FilesRead {
  readonly kinds: readonly RowsOfKind[];
  readonly fileOf: ReadonlyMap<number, FileOfRow>;
  readonly skipped: readonly string[];
}

/** Judged files that are not stored yet. */
export interface FilesJudged {
  readonly importId: string;
  readonly fileName: string;
  readonly names: readonly string[];
  readonly capToMaximum: boolean;
  readonly rows: readonly JudgedRow[];
  readonly rights: readonly ImportRight[];
  readonly skipped: readonly string[];
}

type Attempt = Omit<AuditEntry, "outcome">;

/**
 * Makes one import of several files. Their order is found: later files are judged by what earlier ones will create. If
 * one file cannot be read, none is. Otherwise as `stageImport`.
 */
export async function stageFiles(
  database: Database,
  caller: Caller,
  input: StageFilesInput,
): Promise<OperationResult<{ importId: string; skipped: readonly string[] }>> {
  const attempt = attemptOf(caller, input);
  const judged = await judgeFiles(database, caller, input);
  if (!judged.ok) return judged;
  return runOperation(database, attempt, async (transaction) => {
    await refuseTooManyWaiting(transaction, caller, attempt);
    await storeFiles(transaction, caller, judged, attempt);
    return { importId: judged.importId, skipped: judged.skipped };
  });
}

function attemptOf(caller: Actor, { files }: StageFilesInput) {
  const names = files.names.map(storedFileName);
  const fileName = storedFileName(
    names.length === 1 ? (names[0] ?? "") : `${names.length} files: ${names.join(", ")}`,
  );
  return { kind: "ImportStaged" as const, caller, details: { import: severalKinds, fileName } };
}

/** Judges files that were read, and changes nothing. A refusal is logged. */
export async function judgeFiles(
  database: Database,
  caller: Actor,
  input: StageFilesInput,
): Promise<OperationResult<FilesJudged>> {
  const { files, capToMaximum, removeMembers } = input;
  const attempt = attemptOf(caller, input);
  const refuse = (message: string) =>
    new Refusal({ code: "InvalidInput", faults: [{ field: "file", message }] }, attempt);
  const reading = await runOperation(database, attempt, async (transaction) => {
    await requirePrincipalManager(transaction, caller, attempt);
    if (!files.read.ok) throw refuse(files.read.message);
    const read = inKinds(files.read);
    const rows = read.kinds.flatMap((each) => each.rows);
    const otherTenant = await otherTenantFault(transaction, rows);
    if (otherTenant !== null) throw refuse(otherTenant);
    return read;
  });
  if (!reading.ok) return reading;
  const { kinds, fileOf, skipped } = reading;
  const importId = randomUUID();
  const { verdicts, rights, missing } = await rehearseImport(database, caller, importId, kinds, {
    ...{ capToMaximum, removeMembers },
  });
  return runOperation(database, attempt, async () => {
    if (missing === null)
      throw refuse(
        `The files leave out more than ${counted(maximumImportRows)} members of their groups. Are they complete?`,
      );
    const rows = kinds.flatMap(({ kind, rows: ofKind }): JudgedRow[] => [
      ...ofKind.map((row) => ({
        ...{ row, verdict: verdicts.get(row.number) ?? null, stays: null, of: fileOf.get(row.number) },
      })),
      ...(kind === "GroupMembers" ? missing : []).map(({ row, willBeRemoved, reason }) => ({
        row,
        verdict: verdicts.get(row.number) ?? null,
        stays: willBeRemoved ? null : (reason ?? ""),
        of: { kind, fileName: null },
      })),
    ]);
    const names = files.names.map(storedFileName);
    const { fileName } = attempt.details;
    return { importId, fileName, names, capToMaximum, rows, rights, skipped };
  });
}

/** Stores what was judged as an import that waits for confirmation, with its event. */
export async function storeFiles(
  transaction: Transaction,
  caller: Actor,
  judged: FilesJudged,
  attempt: Attempt,
  scheduleId: string | null = null,
) {
  const { importId, fileName, names, capToMaximum, rows, rights, skipped } = judged;
  await requirePrincipalManager(transaction, caller, attempt);
  await makeImport(transaction, {
    ...{ id: importId, kind: severalKinds, fileName, capToMaximum, createdById: caller.userId, scheduleId },
  });
  const counts = await storeRows(transaction, importId, rows);
  await finishImport(transaction, importId, rights);
  const left = skipped.length > 0 ? { skipped: skipped.map(visibleText) } : {};
  const details = { ...attempt.details, importId, files: names, ...left, ...counts };
  await recordAuditEvent(transaction, { ...attempt, outcome: "Success", details });
  return counts;
}

/** The rows of all files by their kinds. */
function inKinds({ files, skipped }: Extract<SeveralRead["read"], { readonly ok: true }>): FilesRead {
  const rowsOf = new Map<ImportKind, FileRow[]>();
  const fileOf = new Map<number, FileOfRow>();
  for (const { name, kind, rows } of files) {
    const fileName = storedFileName(name);
    for (const { number } of rows) fileOf.set(number, { kind, fileName });
    rowsOf.set(kind, [...(rowsOf.get(kind) ?? []), ...rows]);
  }
  const kinds = [...rowsOf]
    .sort(([left], [right]) => kindOrder(left, right))
    .map(([kind, read]) => ({ kind, read, rows: inOrder(refuseRepeated(kind, read)) }));
  return { kinds, fileOf, skipped };
}
