import { application } from "@/lib/platform/application";
import { heldRoles } from "@/lib/queries/activation/held-roles";
import { currentCaller } from "@/lib/web/request";

/** Answers which roles the caller activated and holds now, as JSON, for the list of the pill in the top bar. */
export async function GET(): Promise<Response> {
  const caller = await currentCaller();
  if (!caller) return new Response("Sign in first.", { status: 401 });
  const roles = await heldRoles(application().database, caller);
  return Response.json(roles, { headers: { "cache-control": "no-store" } });
}
