import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";
import type { PaletteItem } from "@/lib/queries/preferences/palette-item";

/** What matters here of a role that the caller holds or may activate. */
export interface HeldPart {
  readonly eligibilityId: string | null;
  readonly path: string;
  readonly permissions: StoredPermissions;
}

/** Whether a role that is held at a place or above it allows an action there. */
function allowedAt(held: readonly HeldPart[], path: string, wanted: string): boolean {
  return held.some(
    (each) =>
      each.eligibilityId === null &&
      (path === each.path || path.startsWith(`${each.path}.`)) &&
      anyAllows(permissionsOf(each.permissions), wanted),
  );
}

/** **Assignments** and **Role settings** of a role at a place or, without a role, of the place, as far as they may be read. */
export function nextOf(
  held: readonly HeldPart[],
  place: { readonly id: string; readonly name: string; readonly path: string },
  role: { readonly id: string; readonly roleName: string } | null,
): PaletteItem[] {
  const subject = role ? `${isolated(role.roleName)} on ${isolated(place.name)}` : isolated(place.name);
  const base = `/resources/${place.id}`;
  const pages = [
    {
      label: `Assignments of ${subject}`,
      href: role ? `${base}/roles/${role.id}` : `${base}/assignments`,
      needs: action.readAssignments,
    },
    {
      label: `Role settings of ${subject}`,
      href: role ? `${base}/roles/${role.id}/settings` : `${base}/settings`,
      needs: action.readRoleSettings,
    },
  ];
  return pages
    .filter((page) => allowedAt(held, place.path, page.needs))
    .map(({ label, href }) => ({ id: href, label, hint: "", href }));
}
