import { application } from "@/lib/platform/application";
import { accessFile } from "@/lib/queries/assignments/access-columns";
import { membersToExport } from "@/lib/queries/assignments/access-export";
import { viewResource } from "@/lib/queries/resources/resources";
import { currentCaller } from "@/lib/web/request";
import { exportResponse, exportStream } from "../../../../export-stream";
import { memberFilter, memberParameters, memberQuery } from "../member-query";

/** Exports the filtered assignments of a resource as CSV or JSON Lines. */
export async function GET(
  request: Request,
  context: { params: Promise<{ resourceId: string }> },
): Promise<Response> {
  const caller = await currentCaller();
  if (!caller) return new Response("Sign in first.", { status: 401 });
  const { resourceId } = await context.params;
  const { database } = application();
  const resource = await viewResource(database, caller, resourceId);
  if (!resource) return new Response("There is no such resource.", { status: 404 });
  if (!resource.may.readAssignments)
    return new Response("You may not read its assignments.", { status: 403 });
  const address = Object.fromEntries(new URL(request.url).searchParams);
  const format = address.format === "jsonl" ? "jsonl" : "csv";
  const query = memberQuery(address);
  const filter = memberFilter(query, null);
  const stream = await exportStream(database, caller, format, {
    list: { resourceId: resource.id, name: "Assignments", filter: memberParameters(query) },
    ...accessFile({ resourceId: resource.id, where: query.where }),
    read: (after: string | null) => membersToExport(database, caller, resource.id, filter, after ?? ""),
  });
  return exportResponse(stream, "postern-assignments", format);
}
