import { currentCaller } from "@/lib/identity/request";
import { application } from "@/lib/platform/application";
import { searchPalette } from "@/lib/queries/preferences/palette";

/** What the command palette finds for what is typed (`search`), as JSON; a plain GET, so that a stale one is aborted. */
export async function GET(request: Request): Promise<Response> {
  const caller = await currentCaller();
  if (!caller) return new Response("Sign in first.", { status: 401 });
  const search = new URL(request.url).searchParams.get("search") ?? "";
  const results = await searchPalette(application().database, caller, search);
  return Response.json(results, { headers: { "cache-control": "no-store" } });
}
