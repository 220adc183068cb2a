import { application } from "@/lib/platform/application";
import { searchPalette } from "@/lib/queries/preferences/palette";
import { currentCaller } from "@/lib/web/request";

/**
 * Answers the command palette's search (`search`) as JSON. It is a plain GET, so that a stale request can be aborted.
 */
export async function GET(request: Request): Promise<Response> {
  const caller = await currentCaller();
  if (!caller) return new Response("Sign in first.", { status: 401 });
  const search = new URL(request.url).searchParams.get("search") ?? "";
  const results = await searchPalette(application().database, caller, search);
  return Response.json(results, { headers: { "cache-control": "no-store" } });
}
