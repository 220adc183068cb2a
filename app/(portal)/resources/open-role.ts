import type { Metadata } from "next";
import { cache } from "react";
import type { action } from "@/lib/domain/roles/permissions";
import { application } from "@/lib/platform/application";
import { readRoleSettings } from "@/lib/queries/assignments/role-members";
import { readRoleDefinition } from "@/lib/queries/roles/role-definition";
import { asTitle } from "@/lib/web/page-title";
import { mayAtResource } from "./open-resource";

export interface RoleParameters {
  params: Promise<{ resourceId: string; roleId: string }>;
}

/** The settings of a role at a resource, read once for a page and its title. Null where there is no such role. */
export const openRoleSettings = cache((resourceId: string, roleId: string) =>
  readRoleSettings(application().database, resourceId, roleId),
);

/** The definition of a role as shown at a resource, read once for a page and its title. */
export const openRoleDefinition = cache((resourceId: string, roleId: string) =>
  readRoleDefinition(application().database, roleId, resourceId),
);

/**
 * The title of a page with the role's name, if the caller has the right that the page requires. The layout adds
 * the resource.
 */
export function roleTitle(
  right: keyof typeof action,
  read: (resourceId: string, roleId: string) => Promise<string | undefined>,
  words: (roleName: string) => string,
) {
  return async ({ params }: RoleParameters): Promise<Metadata> => {
    const { resourceId, roleId } = await params;
    const resource = await mayAtResource(resourceId, right);
    const name = resource && (await read(resource.id, roleId));
    return name ? { title: asTitle(words(name)) } : {};
  };
}

/** The name of a role, for a page that reads its settings. */
export const nameBySettings = async (resourceId: string, roleId: string) =>
  (await openRoleSettings(resourceId, roleId))?.role.roleName;

/** The name of a role, for a page that reads its definition. */
export const nameByDefinition = async (resourceId: string, roleId: string) =>
  (await openRoleDefinition(resourceId, roleId))?.roleName;
