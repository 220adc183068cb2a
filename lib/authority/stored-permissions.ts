import { z } from "zod";
import type { Permission } from "@/lib/domain/roles/permissions";

const patterns = z.array(z.string());
const shape = z.array(
  z.object({ actions: patterns, notActions: patterns, dataActions: patterns, notDataActions: patterns }),
);

/** `role_definitions.permissions` as a query returns it: JSON that is not parsed yet. */
export type StoredPermissions = unknown;

/** The permissions of a role. Throws if the stored JSON has another shape. Called where they are read: lists may not. */
export function permissionsOf(stored: StoredPermissions): Permission[] {
  return shape.parse(stored);
}
