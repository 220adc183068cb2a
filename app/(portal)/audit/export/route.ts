import type { AuditCursor } from "@/lib/domain/audit-cursor";
import { csvLine } from "@/lib/domain/csv";
import { currentCaller } from "@/lib/identity/request";
import { application } from "@/lib/platform/application";
import { listAuditEvents } from "@/lib/queries/audit";
import { auditFilter } from "../audit-filter";

const batch = 500;
const columns = [
  "occurredAt",
  "kind",
  "outcome",
  "actorName",
  "targetName",
  "roleName",
  "scope",
  "justification",
  "ticketNumber",
  "ticketSystem",
  "factor",
  "ipAddress",
  "failedRules",
  "requestId",
  "id",
] as const;

/** What the filters show, as CSV or JSON Lines, streamed a batch at a time: the caller reads no more than on the page. */
export async function GET(request: Request): Promise<Response> {
  const caller = await currentCaller();
  if (!caller) return new Response("Sign in first.", { status: 401 });
  const query = Object.fromEntries(new URL(request.url).searchParams);
  const csv = query.format !== "jsonl";
  const filter = auditFilter(query, { own: query.own === "1" });
  const { database } = application();
  const encoder = new TextEncoder();
  let after: AuditCursor | null = null;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      if (csv) controller.enqueue(encoder.encode(csvLine(columns)));
    },
    async pull(controller) {
      const { events, next } = await listAuditEvents(database, caller, filter, after, batch);
      const text = events.map((event) => {
        const values = columns.map((name) => {
          const value = event[name];
          return value instanceof Date
            ? value.toISOString()
            : Array.isArray(value)
              ? value.join(" ")
              : (value ?? "");
        });
        return csv ? csvLine(values) : `${JSON.stringify({ ...event, sequence: String(event.sequence) })}\n`;
      });
      if (text.length > 0) controller.enqueue(encoder.encode(text.join("")));
      after = next;
      if (next === null) controller.close();
    },
  });
  return new Response(stream, {
    headers: {
      "content-type": csv ? "text/csv; charset=utf-8" : "application/x-ndjson",
      "content-disposition": `attachment; filename="postern-audit.${csv ? "csv" : "jsonl"}"`,
      "cache-control": "no-store",
    },
  });
}
