import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/** An exported list, as the log describes it. */
export interface ExportedList {
  readonly name: "Audit log" | "My audit history" | "Access review" | "Assignments" | "Role settings";
  /** The filters that narrow it. */
  readonly filter: Readonly<Record<string, string | number | boolean>>;
  /** The resource whose log shows it; null if it belongs to none. */
  readonly resourceId: string | null;
}

/** Logs that an export begins (`end` null) or has ended: whole, broken off by the reader, or refused on the way. */
export function recordExport(
  database: Database,
  caller: Caller,
  { name, filter, resourceId }: ExportedList,
  end: { readonly how: "complete" | "canceled" | "refused"; readonly rows: number } | null,
): Promise<void> {
  return inTransaction(database, async (transaction) => {
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
      details: { list: name, filter, ...(end === null ? {} : { rows: end.rows, ended: end.how }) },
    });
  });
}
