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
import { isolated } from "@/lib/domain/text/visible-text";
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
import { kindOfFile, readImportFile } from "@/lib/platform/import-files/import-file";
import { policiesFault, policiesOf } from "@/lib/platform/import-files/policy-files";

export interface StageFilesInput {
  readonly files: readonly { readonly name: string; readonly content: string }[];
  /** Whether to shorten assignments to the maximum where the settings do not allow them to last so long. */
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
 * Reads several files into one import. The content of each shows what it is a list of. Their order is
 * determined, since later files are judged by what earlier ones will create. If one file cannot be
 * read, none is. Otherwise as `stageImport`.
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
  const names = files.map(({ name }) => storedFileName(name));
  const fileName = storedFileName(
    names.length === 1 ? (names[0] ?? "") : `${names.length} files: ${names.join(", ")}`,
  );
  return { kind: "ImportStaged" as const, caller, details: { import: severalKinds, fileName } };
}

/** Reads and judges files, and changes nothing. A refusal is logged. */
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
    const read = readFiles(files);
    if (typeof read === "string") throw refuse(read);
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
        `The files leave out more than ${counted(maximumImportRows)} members of their groups. Are they whole?`,
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
    const names = files.map(({ name }) => storedFileName(name));
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

/** The rows of all files, numbered consecutively, or the first fault, with the file's name. */
function readFiles(files: StageFilesInput["files"]): FilesRead | string {
  const rowsOf = new Map<ImportKind, FileRow[]>();
  const fileOf = new Map<number, FileOfRow>();
  const skipped: string[] = [];
  let count = 0;
  for (const { name, content } of files) {
    const fileName = storedFileName(name);
    const kind = kindOfFile(content);
    if (kind === "Empty") {
      skipped.push(`${isolated(fileName)}, which has no rows`);
      continue;
    }
    if (kind === null)
      return `${isolated(fileName)} is no whole list that an Azure command writes, and no CSV file that is known by its first line. Leave it out, or import it alone with its kind.`;
    if (kind === "RoleSettings" && policiesOf(content) !== null) {
      const others = files.filter((each) => each.name !== name).map((each) => each.content);
      const fault = policiesFault(content, others);
      if (fault !== null) return `${isolated(fileName)}: ${fault}`;
      skipped.push(
        `${isolated(fileName)}, whose rules the answer of roleManagementPolicyAssignments has too`,
      );
      continue;
    }
    const read = readImportFile(kind, content);
    if (!read.ok) return `${isolated(fileName)}: ${read.message}`;
    skipped.push(...read.skipped.map((each) => `${each} of ${isolated(fileName)}`));
    const rows = read.rows.map((row) => ({ ...row, number: count + row.number }));
    count += rows.length;
    if (count > maximumImportRows)
      return `The files have more than ${counted(maximumImportRows)} rows. Import at most so many at once.`;
    for (const { number } of rows) fileOf.set(number, { kind, fileName });
    rowsOf.set(kind, [...(rowsOf.get(kind) ?? []), ...rows]);
  }
  if (count === 0) return "The files have no rows.";
  const kinds = [...rowsOf]
    .sort(([left], [right]) => kindOrder(left, right))
    .map(([kind, read]) => ({ kind, read, rows: inOrder(refuseRepeated(kind, read)) }));
  return { kinds, fileOf, skipped };
}
