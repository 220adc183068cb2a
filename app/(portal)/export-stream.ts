import { csvLine, jsonLine } from "@/lib/domain/csv";
import { isSessionGood } from "@/lib/identity/sessions";
import { type ExportedList, recordExport } from "@/lib/operations/audit/record-export";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/** One part of a list, and where the next part begins; null at its end. */
export interface ExportBatch<Row, Place> {
  readonly rows: readonly Row[];
  readonly next: Place | null;
}

/** A list that is exported, and how its parts are read and written. */
export interface ExportSource<Row, Place> {
  readonly list: ExportedList;
  readonly columns: readonly string[];
  /** Null when the caller, once it is read, may no longer read what they could when the export began. */
  read(after: Place | null): Promise<ExportBatch<Row, Place> | null>;
  csv(row: Row): readonly unknown[];
  json(row: Row): object;
}

/**
 * A list as CSV or JSON Lines, streamed a batch at a time. Session and right are asked at every batch: when either is
 * lost the download breaks off, so that nobody takes a part for the whole. The log tells of its beginning, before any
 * row leaves, and of its end, with the number of rows.
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
  // Nothing is read ahead: what is asked for after the session has ended is not there yet.
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (format === "csv") controller.enqueue(encoder.encode(csvLine(source.columns)));
      },
      async pull(controller) {
        const batch = await source.read(after);
        // Asked after the reading, so that nothing leaves that was read before the session ended.
        if (batch === null || !(await isSessionGood(database, caller.sessionId))) {
          await end("refused");
          controller.error(new Error("The session or the right to read this has ended."));
          return;
        }
        const text = batch.rows.map((row) =>
          format === "csv" ? csvLine(source.csv(row).map(cell)) : `${jsonLine(source.json(row))}\n`,
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

function cell(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return Array.isArray(value) ? value.join(" ") : String(value ?? "");
}

/** The answer that carries such a stream as a file. */
export function exportResponse(stream: ReadableStream<Uint8Array>, name: string, format: "csv" | "jsonl") {
  return new Response(stream, {
    headers: {
      "content-type": format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson",
      "content-disposition": `attachment; filename="${name}.${format}"`,
      "cache-control": "no-store",
    },
  });
}
