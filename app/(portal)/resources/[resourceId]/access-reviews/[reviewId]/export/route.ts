import { csvLine } from "@/lib/domain/csv";
import { currentCaller } from "@/lib/identity/request";
import { application } from "@/lib/platform/application";
import { listReviewItems } from "@/lib/queries/access-review-items";
import { findAccessReview } from "@/lib/queries/access-reviews";

const batch = 500;
const columns = [
  "principalName",
  "principalType",
  "email",
  "roleName",
  "scope",
  "access",
  "accessStartsAt",
  "accessEndsAt",
  "lastUsedAt",
  "recommendation",
  "recommendationReason",
  "decision",
  "decidedBy",
  "decidedByEmail",
  "decidedLate",
  "decidedAt",
  "reason",
  "outcome",
  "outcomeMessage",
  "id",
] as const;

/** A review's items with decisions and results, as CSV or JSON Lines, streamed: no more than its page shows. */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ resourceId: string; reviewId: string }> },
): Promise<Response> {
  const caller = await currentCaller();
  if (!caller) return new Response("Sign in first.", { status: 401 });
  const { resourceId, reviewId } = await params;
  const { database } = application();
  const known = /^[0-9a-f-]{36}$/i.test(resourceId)
    ? await findAccessReview(database, caller, resourceId, reviewId)
    : null;
  if (!known) return new Response("There is no such review.", { status: 404 });
  const csv = new URL(request.url).searchParams.get("format") !== "jsonl";
  const encoder = new TextEncoder();
  let after = -1;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      if (csv) controller.enqueue(encoder.encode(csvLine(columns)));
    },
    async pull(controller) {
      const rows = await listReviewItems(
        database,
        caller,
        { resourceId, reviewId },
        { search: "", show: null, after },
        batch,
      );
      const text = rows.map((row) => {
        if (!csv) {
          const { position: _, ...told } = row;
          return `${JSON.stringify({ reviewId, reviewName: known.name, ...told })}\n`;
        }
        return csvLine(
          columns.map((name) => {
            const value = row[name];
            return value instanceof Date ? value.toISOString() : String(value ?? "");
          }),
        );
      });
      if (text.length > 0) controller.enqueue(encoder.encode(text.join("")));
      after = rows.at(-1)?.position ?? after;
      if (rows.length < batch) controller.close();
    },
  });
  return new Response(stream, {
    headers: {
      "content-type": csv ? "text/csv; charset=utf-8" : "application/x-ndjson",
      "content-disposition": `attachment; filename="postern-access-review.${csv ? "csv" : "jsonl"}"`,
      "cache-control": "no-store",
    },
  });
}
