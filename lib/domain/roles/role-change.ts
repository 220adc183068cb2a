import type { RoleSettings } from "@/lib/domain/roles/role-settings";

/** What an edit of several roles' settings changes for one of them. */
export interface RoleChange {
  readonly roleDefinitionId: string;
  /** The version that was shown; 0 for settings that nobody has edited. */
  readonly expectedVersion: number;
  /** The settings that change, with their new values. All others stay. */
  readonly changes: Partial<RoleSettings>;
}

/** How many roles' settings may be saved in one edit: as many as a person can look through. */
export const mostRolesAtOnce = 50;

/**
 * The longest text of such an edit as a form sends it. Settings with very many addresses or approvers
 * must be edited in parts.
 */
export const mostChangesText = 200_000;
