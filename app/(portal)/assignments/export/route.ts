import { application } from "@/lib/platform/application";
import { confirmingIssuers } from "@/lib/platform/confirming-providers";
import { accessFile } from "@/lib/queries/assignments/access-columns";
import { accessReach, accessToExport } from "@/lib/queries/assignments/access-export";
import { accessFilter, accessParameters } from "@/lib/web/access-address";
import { readerTimeZone } from "@/lib/web/reader-zone";
import { currentCaller } from "@/lib/web/request";
import { exportResponse, exportStream } from "../../export-stream";

/** Exports the filtered list of all assignments as CSV or JSON Lines. The caller gets no more than the page shows. */
export async function GET(request: Request): Promise<Response> {
  const caller = await currentCaller();
  if (!caller) return new Response("Sign in first.", { status: 401 });
  const query = Object.fromEntries(new URL(request.url).searchParams);
  const format = query.format === "jsonl" ? "jsonl" : "csv";
  const filter = accessFilter(query, await readerTimeZone());
  const { configuration, database } = application();
  const issuers = confirmingIssuers(configuration.identityProviders);
  const reach = await accessReach(database, caller);
  const stream = await exportStream(database, caller, format, {
    list: { resourceId: null, name: "Assignments", filter: accessParameters(filter) },
    ...accessFile(null),
    read: (after: string | null) => accessToExport(database, caller, filter, issuers, after ?? "", reach),
  });
  return exportResponse(stream, "postern-assignments", format);
}
