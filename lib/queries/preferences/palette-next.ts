import { permissionsAt } from "@/lib/authority/authority";
import { permissionsOf } from "@/lib/authority/stored-permissions";
import { type Action, action, anyAllows, type Permission } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import type { PaletteItem } from "@/lib/queries/preferences/palette-item";

/** A role that the caller holds now, and the highest place where they hold it. */
export interface HeldRole {
  readonly permissions: readonly Permission[];
  readonly id: string;
  readonly name: string;
  readonly path: string;
}

/**
 * The roles that the caller holds now, each read once, at however many places they hold it. The highest
 * places come first.
 */
export async function rolesHeld(transaction: Transaction, caller: Caller): Promise<HeldRole[]> {
  const rows = await transaction.$queryRaw<(Omit<HeldRole, "permissions"> & { permissions: unknown })[]>`
    SELECT d.permissions, top.id, top.display_name AS name, top.path FROM (
      SELECT DISTINCT ON (a.role_definition_id) a.role_definition_id, r.id, r.display_name, r.path
      FROM active_assignments(${caller.userId}::uuid, postern_now()) a JOIN resources r ON r.id = a.resource_id
      ORDER BY a.role_definition_id, length(r.path), r.path) top
    JOIN role_definitions d ON d.id = top.role_definition_id
    ORDER BY length(top.path), top.path, d.id`;
  return rows.map((row) => ({ ...row, permissions: permissionsOf(row.permissions) }));
}

/** The highest place where one of these roles allows an action. */
export function highestWith(held: readonly HeldRole[], wanted: Action): HeldRole | undefined {
  return held.find((each) => anyAllows(each.permissions, wanted));
}

/**
 * **Assignments** and **Role settings** of a role at a place or, without a role, of the place, as far as they may be
 * read.
 */
export async function nextOf(
  transaction: Transaction,
  caller: Caller,
  place: { readonly id: string; readonly name: string },
  role: { readonly id: string; readonly roleName: string } | null,
): Promise<PaletteItem[]> {
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
  const permissions = await permissionsAt(transaction, caller.userId, place.id);
  return pages.filter(({ needs }) => anyAllows(permissions, needs)).map(item);
}

/** The access and the history of somebody whom the caller may see, if the caller may read these anywhere. */
export function nextOfPerson(
  held: readonly HeldRole[],
  person: { readonly displayName: string; readonly email: string | null; readonly acts: boolean },
): PaletteItem[] {
  const subject = isolated(person.displayName);
  // An email address belongs to one person.
  const search = person.email ?? person.displayName;
  const pages = [
    {
      label: `Access of ${subject}`,
      href: `/assignments?${new URLSearchParams({ search })}`,
      needs: action.readAssignments,
    },
    {
      label: `Audit log of ${subject}`,
      // A group does nothing itself.
      href: `/audit?${new URLSearchParams({ [person.acts ? "actor" : "target"]: search })}`,
      needs: action.readAudit,
    },
  ];
  return pages.filter(({ needs }) => highestWith(held, needs)).map(item);
}

function item({ label, href }: { readonly label: string; readonly href: string }): PaletteItem {
  return { id: href, label, hint: "", href };
}
