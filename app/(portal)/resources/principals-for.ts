import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { searchPrincipals } from "@/lib/queries/assignments/role-members";
import { type ResourceView, viewResource } from "@/lib/queries/resources/resources";
import type { Asking } from "@/lib/web/actions/asking";

/** Whether somebody may give access at a resource. */
export function mayAssign({ writeAssignment, writeEligibility }: ResourceView["may"]): boolean {
  return writeAssignment || writeEligibility;
}

/** Users and groups by name, for callers who have the right at the resource. Empty for anybody else. */
export async function principalsFor(
  { caller, database }: Asking,
  resourceId: string,
  search: string,
  right: (may: ResourceView["may"]) => boolean,
) {
  const resource = await viewResource(database, caller, resourceId);
  return resource && right(resource.may) ? searchPrincipals(database, search) : [];
}

/** The same without service principals, for choosing people who decide. */
export async function usersAndGroupsFor(
  by: Asking,
  resourceId: string,
  search: string,
  right: (may: ResourceView["may"]) => boolean,
): Promise<NamedPrincipal[]> {
  const found = await principalsFor(by, resourceId, search, right);
  return found
    .filter((each) => each.type !== "ServicePrincipal")
    .map((each) => ({ ...each, disabled: false }));
}
