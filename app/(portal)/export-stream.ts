import { csvContentType, csvHead, csvLine, jsonLine } from "@/lib/domain/text/comma-separated";
import { isSessionGood } from "@/lib/identity/sessions/sessions";
import { type ExportedList, recordExport } from "@/lib/operations/audit/record-export";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/** One batch of a list, and where the next one begins; null at the end. */
export interface ExportBatch<Row, Place> {
  readonly rows: readonly Row[];
  readonly next: Place | null;
}

/** A list to export: how its batches are read and written. */
export interface ExportSource<Row, Place> {
  readonly list: ExportedList;
  readonly columns: readonly string[];
  /** Returns null when the caller may no longer read what they could read at the start. */
  read(after: Place | null): Promise<ExportBatch<Row, Place> | null>;
  csv(row: Row): readonly unknown[];
  json(row: Row): object;
}

/**
 * Streams a list as CSV or JSON Lines, one batch at a time. Session and rights are checked for each batch. If
 * either is lost, the download fails, so that nobody mistakes a part for the whole. The log records the start
 * before any row is sent, and the end with the number of rows.
 */
export async function exportStream<Row, Place>(
  database: Database,
  caller: Caller,
  format: "csv" | "jsonl",
  source: ExportSource<Row, Place>,
): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder();
  let after: Place | null = null;
  let rows = 0;
  let ended = false;
  const end = async (how: "complete" | "canceled" | "refused") => {
    if (ended) return;
    ended = true;
    await recordExport(database, caller, source.list, { how, rows });
  };
  await recordExport(database, caller, source.list, null);
  // No batch is read ahead, so that none is ready to send when the session ends.
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (format === "csv") controller.enqueue(encoder.encode(csvHead(source.columns)));
      },
      async pull(controller) {
        const batch = await source.read(after);
        // Checked after reading, so that rows read before the session ended are not sent.
        if (batch === null || !(await isSessionGood(database, caller.sessionId))) {
          await end("refused");
          controller.error(new Error("The session or the right to read this has ended."));
          return;
        }
        const text = batch.rows.map((row) =>
          format === "csv" ? csvLine(source.csv(row)) : `${jsonLine(source.json(row))}\n`,
        );
        rows += batch.rows.length;
        after = batch.next;
        if (text.length > 0) controller.enqueue(encoder.encode(text.join("")));
        if (batch.next !== null) return;
        await end("complete");
        controller.close();
      },
      cancel: () => end("canceled"),
    },
    { highWaterMark: 0 },
  );
}

/** The response that sends such a stream as a file. */
export function exportResponse(stream: ReadableStream<Uint8Array>, name: string, format: "csv" | "jsonl") {
  return new Response(stream, {
    headers: {
      "content-type": format === "csv" ? csvContentType : "application/x-ndjson",
      "content-disposition": `attachment; filename="${name}.${format}"`,
      "cache-control": "no-store",
    },
  });
}
