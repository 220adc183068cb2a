import { application } from "@/lib/platform/application";
import { listReviewItems, type ReviewItemRow } from "@/lib/queries/access-reviews/access-review-items";
import { findAccessReview } from "@/lib/queries/access-reviews/access-reviews";
import { currentCaller } from "@/lib/web/request";
import { exportResponse, exportStream } from "../../../../../export-stream";

const batch = 500;
const columns = [
  "principalName",
  "principalType",
  "email",
  "externalId",
  "principalId",
  "throughGroup",
  "throughGroupId",
  "roleName",
  "scope",
  "access",
  "accessStartsAt",
  "accessEndsAt",
  "lastUsedAt",
  "asOf",
  "recommendation",
  "recommendationReason",
  "decision",
  "decidedBy",
  "decidedByEmail",
  "decidedById",
  "decidedLate",
  "decidedAt",
  "reason",
  "outcome",
  "outcomeMessage",
  "id",
] as const;

/**
 * Exports a review's items with decisions and results as CSV or JSON Lines. The caller gets no more than the page
 * shows.
 */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ resourceId: string; reviewId: string }> },
): Promise<Response> {
  const caller = await currentCaller();
  if (!caller) return new Response("Sign in first.", { status: 401 });
  const { resourceId, reviewId } = await params;
  const { database } = application();
  const review = () => findAccessReview(database, caller, resourceId, reviewId);
  const known = /^[0-9a-f-]{36}$/i.test(resourceId) ? await review() : null;
  if (!known) return new Response("There is no such review.", { status: 404 });
  const format = new URL(request.url).searchParams.get("format") === "jsonl" ? "jsonl" : "csv";
  const place = { resourceId, reviewId };
  const stream = await exportStream(database, caller, format, {
    list: {
      name: "Access review",
      resourceId,
      filter: { accessReviewId: reviewId, accessReviewName: known.name },
    },
    columns,
    async read(after: number | null) {
      const rows = await listReviewItems(
        database,
        caller,
        place,
        { search: "", show: null, after: after ?? -1 },
        batch,
      );
      if (!(await review())) return null;
      return { rows, next: rows.length < batch ? null : (rows.at(-1)?.position ?? null) };
    },
    csv: (row) => {
      const fields = flat(row);
      return columns.map((name) => fields[name]);
    },
    json: (row) => ({ reviewId, reviewName: known.name, ...flat(row) }),
  });
  return exportResponse(stream, "postern-access-review", format);
}

/** An item with its member, group and decider as flat fields: name, address and id. */
function flat({ position: _, unusedDays: _days, member, group, decidedBy, ...row }: ReviewItemRow) {
  return {
    ...row,
    principalName: member.displayName,
    principalType: member.type,
    email: member.email,
    externalId: member.externalId,
    principalId: member.id,
    throughGroup: group?.displayName ?? null,
    throughGroupId: group?.id ?? null,
    decidedBy: decidedBy?.displayName ?? null,
    decidedByEmail: decidedBy?.email ?? null,
    decidedById: decidedBy?.id ?? null,
  };
}
