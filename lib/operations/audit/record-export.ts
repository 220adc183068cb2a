import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Actor, Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/** An exported list, as the log describes it. */
export interface ExportedList {
  readonly name: "Audit log" | "My audit history" | "Access review" | "Assignments" | "Role settings";
  /** The filters that narrow it. */
  readonly filter: Readonly<Record<string, string | number | boolean>>;
  /** The resource whose log shows it; null if it belongs to none. */
  readonly resourceId: string | null;
  /** The schedule that mails it to its reader. */
  readonly schedule?: { readonly scheduleId: string; readonly administratorName: string };
}

/** How an export ended, and how many rows were sent; null at its start. */
export type ExportEnd = {
  readonly how: "complete" | "canceled" | "refused";
  readonly rows: number;
} | null;

/** Logs that an export begins (`end` null) or has ended: complete, broken off by the reader, or refused on the way. */
export function recordExport(
  database: Database,
  caller: Caller,
  list: ExportedList,
  end: ExportEnd,
): Promise<void> {
  return inTransaction(database, (transaction) => recordExportIn(transaction, caller, list, end));
}

/** The same, in a transaction that also records it elsewhere. */
export async function recordExportIn(
  transaction: Transaction,
  caller: Actor,
  { name, filter, resourceId, schedule }: ExportedList,
  end: ExportEnd,
): Promise<void> {
  const resource =
    resourceId === null
      ? null
      : await transaction.resource.findUnique({
          where: { id: resourceId },
          select: { id: true, displayName: true, scope: true, path: true },
        });
  await recordAuditEvent(transaction, {
    kind: end === null ? "ExportStarted" : "ExportEnded",
    outcome: end?.how === "refused" ? "Failure" : "Success",
    caller,
    resource: resource ?? undefined,
    details: { list: name, filter, ...schedule, ...(end === null ? {} : { rows: end.rows, ended: end.how }) },
  });
}
