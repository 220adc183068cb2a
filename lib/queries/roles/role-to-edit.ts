import { permissionsAt, type ResourceFacts, roleKnownAt, visibleResource } from "@/lib/authority/authority";
import { action, anyAllows, type Permission } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/** A resource whose role settings the caller may edit, and what the caller may do there. */
export interface EditableResource {
  readonly resource: ResourceFacts;
  readonly held: readonly Permission[];
}

/** A resource, for callers who may edit role settings there; null for anybody else. */
export async function resourceToEdit(
  transaction: Transaction,
  caller: Caller,
  resourceId: string,
): Promise<EditableResource | null> {
  const resource = await visibleResource(transaction, caller.userId, resourceId);
  if (!resource) return null;
  const held = await permissionsAt(transaction, caller.userId, resource.id);
  return anyAllows(held, action.writeRoleSettings) ? { resource, held } : null;
}

/** A role at a resource, for callers who may edit its settings there; null for anybody else. */
export async function roleToEdit(
  transaction: Transaction,
  caller: Caller,
  at: { readonly roleDefinitionId: string; readonly resourceId: string },
): Promise<(EditableResource & { readonly role: { readonly writesAuthorization: boolean } }) | null> {
  const found = await resourceToEdit(transaction, caller, at.resourceId);
  if (!found) return null;
  const [role] = await transaction.$queryRaw<{ writesAuthorization: boolean }[]>`
    SELECT writes_authorization AS "writesAuthorization" FROM role_definitions d
    WHERE d.id = ${at.roleDefinitionId}::uuid AND deleted_at IS NULL AND ${roleKnownAt("d", found.resource.id)}`;
  return role ? { ...found, role } : null;
}
