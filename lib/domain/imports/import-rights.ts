import { type Action, action, type Permission } from "@/lib/domain/roles/permissions";

/** A permission that a row of an import requires at a resource. */
export interface ImportRight {
  readonly resourceId: string;
  readonly action: Action;
  /**
   * For a role definition: what the role would allow there, which its author must hold, and what it
   * allows already.
   */
  readonly role?: { readonly wanted: readonly Permission[]; readonly had: readonly Permission[] };
}

/** How many permissions are stored with an import one by one. */
export const maximumImportRights = 1_000;

const everything: Permission = { actions: ["*"], notActions: [], dataActions: ["*"], notDataActions: [] };

/** Gathers the permissions that the rows of an import require, each once. */
export function gatherRights() {
  const found = new Map<string, ImportRight>();
  return {
    add(right: ImportRight): void {
      const role = right.role ? JSON.stringify(right.role) : "";
      found.set(`${right.action} ${right.resourceId} ${role}`, right);
    },
    /** All of them. If there are too many to store, the same at the root, which includes all. */
    all(rootId: string): ImportRight[] {
      const rights = [...found.values()];
      if (rights.length <= maximumImportRights) return rights;
      return [...new Set(rights.map((right) => right.action))].map((each) => ({
        resourceId: rootId,
        action: each,
        ...(each === action.writeRoleDefinitions ? { role: { wanted: [everything], had: [] } } : {}),
      }));
    },
  };
}
