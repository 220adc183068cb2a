import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { type ResourceView, viewResource } from "@/lib/queries/resources/resources";
import { currentCaller } from "@/lib/web/request";
import { type ExportSource, exportResponse, exportStream } from "../../export-stream";

interface Asked {
  readonly database: Database;
  readonly caller: Caller;
  readonly resource: ResourceView;
  /** The filters of the page, as in its address. */
  readonly address: Readonly<Record<string, string>>;
}

/** A route that exports a list of one resource as CSV or JSON Lines, to callers who may read it there. */
export function resourceExport<Row>(
  file: {
    /** The name of the file, without its ending. */
    readonly name: string;
    readonly right: keyof ResourceView["may"];
    /** What a caller without the right may not read. */
    readonly what: string;
  },
  source: (asked: Asked) => ExportSource<Row, string>,
) {
  return async (
    request: Request,
    context: { params: Promise<{ resourceId: string }> },
  ): Promise<Response> => {
    const caller = await currentCaller();
    if (!caller) return new Response("Sign in first.", { status: 401 });
    const { resourceId } = await context.params;
    const { database } = application();
    const resource = await viewResource(database, caller, resourceId);
    if (!resource) return new Response("There is no such resource.", { status: 404 });
    if (!resource.may[file.right]) return new Response(`You may not read its ${file.what}.`, { status: 403 });
    const address = Object.fromEntries(new URL(request.url).searchParams);
    const format = address.format === "jsonl" ? "jsonl" : "csv";
    const stream = await exportStream(
      database,
      caller,
      format,
      source({ database, caller, resource, address }),
    );
    return exportResponse(stream, file.name, format);
  };
}
