import { z } from "zod";
import type { Permission } from "@/lib/domain/roles/permissions";

const patterns = z.array(z.string());
const shape = z.array(
  z.object({ actions: patterns, notActions: patterns, dataActions: patterns, notDataActions: patterns }),
);

/** `role_definitions.permissions` as a query returns it. The JSON is not parsed yet. */
export type StoredPermissions = unknown;

/**
 * The permissions of a role. Throws if the stored JSON has another shape. Called where the permissions
 * are used, since a list need not parse them.
 */
export function permissionsOf(stored: StoredPermissions): Permission[] {
  return shape.parse(stored);
}
