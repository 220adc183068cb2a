import { approversInWords } from "@/lib/domain/audit/event-row";
import { isUuid } from "@/lib/domain/text/uuid";
import { application } from "@/lib/platform/application";
import { auditReach, listAuditEvents } from "@/lib/queries/audit/audit";
import { wholeLog } from "@/lib/queries/audit/audit-conditions";
import type { AuditCursor } from "@/lib/queries/audit/audit-places";
import { currentCaller } from "@/lib/web/request";
import { exportResponse, exportStream } from "../../export-stream";
import { auditFilter, readerClock } from "../audit-filter";

const batch = 500;
const columns = [
  "occurredAt",
  "kind",
  "outcome",
  "actorName",
  "actorEmail",
  "actorId",
  "targetName",
  "targetType",
  "targetEmail",
  "targetExternalId",
  "targetId",
  "roleName",
  "scope",
  "justification",
  "ticketNumber",
  "ticketSystem",
  "approvers",
  "factor",
  "ipAddress",
  "failedRules",
  "requestId",
  "id",
] as const;

/** The values of an address. Several of one name become a list. */
function queryOf(parameters: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => {
      const values = parameters.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}

/** Exports the filtered log as CSV or JSON Lines. The caller gets no more than the page shows. */
export async function GET(request: Request): Promise<Response> {
  const caller = await currentCaller();
  if (!caller) return new Response("Sign in first.", { status: 401 });
  const query = queryOf(new URL(request.url).searchParams);
  const format = query.format === "jsonl" ? "jsonl" : "csv";
  const { database } = application();
  const filter = auditFilter(query, await readerClock(database), {
    own: query.own === "1",
    personId: typeof query.person === "string" && isUuid(query.person) ? query.person : null,
  });
  // A caller can always read their own events. For the rest, they must still have the reach that they had at
  // the start.
  const reach = filter.own ? null : await auditReach(database, caller);
  const stream = await exportStream(database, caller, format, {
    list: {
      resourceId: null,
      name: filter.own ? "My audit history" : "Audit log",
      filter: Object.fromEntries(
        Object.entries(filter).flatMap(([name, value]) =>
          value === null ||
          value === wholeLog[name as keyof typeof wholeLog] ||
          name === "own" ||
          String(value) === ""
            ? []
            : [[name, value instanceof Date ? value.toISOString() : value]],
        ),
      ),
    },
    columns,
    async read(after: AuditCursor | null) {
      const { events, next } = await listAuditEvents(database, caller, filter, after, batch);
      if (reach !== null && (await auditReach(database, caller)) !== reach) return null;
      return { rows: events, next };
    },
    csv: (event) => columns.map((name) => (name === "approvers" ? approversInWords(event) : event[name])),
    json: (event) => ({ ...event, sequence: String(event.sequence) }),
  });
  return exportResponse(stream, "postern-audit", format);
}
