import { mostWaitingRows } from "@/lib/domain/imports/import-kinds";
import { counted } from "@/lib/domain/text/number-format";
import { Refusal } from "@/lib/operations/gate/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/**
 * Refuses another file if the person's waiting imports have as many rows as one person may keep. Files
 * that are read at the same time may exceed this together. That is acceptable: the limit is about
 * storage, and decides on nobody's access.
 */
export async function refuseTooManyWaiting(
  transaction: Transaction,
  caller: Caller,
  attempt: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const [waiting] = await transaction.$queryRaw<{ rows: number }[]>`
    SELECT count(*)::int AS rows FROM imports i JOIN import_rows r ON r.import_id = i.id
    WHERE i.created_by_id = ${caller.userId}::uuid AND i.status = 'Staged' AND i.schedule_id IS NULL`;
  if ((waiting?.rows ?? 0) < mostWaitingRows) return;
  const message = `Your waiting imports have ${counted(mostWaitingRows)} rows or more. Apply or discard some of them first.`;
  throw new Refusal({ code: "InvalidInput", faults: [{ field: "file", message }] }, attempt);
}
