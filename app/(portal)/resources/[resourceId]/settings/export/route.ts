import { application } from "@/lib/platform/application";
import { viewResource } from "@/lib/queries/resources/resources";
import { settingsFile } from "@/lib/queries/roles/settings-columns";
import { settingsToExport } from "@/lib/queries/roles/settings-export";
import { currentCaller } from "@/lib/web/request";
import { exportResponse, exportStream } from "../../../../export-stream";
import { rolesFilter } from "../../roles-filter";

/** Exports the filtered role settings of a resource, with what was edited below if asked, as CSV or JSON Lines. */
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
  if (!resource.may.readRoleSettings)
    return new Response("You may not read its role settings.", { status: 403 });
  const address = Object.fromEntries(new URL(request.url).searchParams);
  const format = address.format === "jsonl" ? "jsonl" : "csv";
  const { search, used } = rolesFilter(address);
  const filter = { search, used, below: address.where === "below" };
  const stream = await exportStream(database, caller, format, {
    list: { resourceId: resource.id, name: "Role settings", filter },
    ...settingsFile,
    read: (after: string | null) => settingsToExport(database, caller, resource.id, filter, after ?? ""),
  });
  return exportResponse(stream, "postern-role-settings", format);
}
