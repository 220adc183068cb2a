import type { ExportOutcome } from "@/lib/domain/notifications/export-schedule";
import type { ExportedList } from "@/lib/operations/audit/record-export";
import type { Actor } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";

/** A file made for one recipient, with what they may read at that moment. */
export type MadeExport =
  | {
      readonly made: true;
      readonly reader: Actor;
      readonly list: ExportedList;
      /** Null if it is too large for mail. */
      readonly file: {
        readonly name: string;
        readonly contentType: string;
        readonly text: string;
        readonly rows: number;
      } | null;
    }
  /** Not to be sent. `outcome` is set if the recipient is still one. */
  | { readonly made: false; readonly outcome: ExportOutcome | null };

/**
 * Makes the file of a schedule for one recipient. The worker passes this function in, since operations
 * do not import queries.
 */
export type ExportMaker = (
  database: Database,
  asked: { readonly scheduleId: string; readonly recipientId: string },
) => Promise<MadeExport>;

/** Records the result of a sending for a recipient. */
export async function noteOutcome(
  transaction: Transaction,
  { scheduleId, recipientId }: { readonly scheduleId: string; readonly recipientId: string },
  outcome: ExportOutcome,
): Promise<void> {
  await transaction.$executeRaw`
    UPDATE export_recipients SET outcome = ${outcome}, outcome_at = postern_now()
    WHERE schedule_id = ${scheduleId}::uuid AND principal_id = ${recipientId}::uuid`;
}
