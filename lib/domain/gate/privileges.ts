import { permissionsToReview, type ReviewCovers } from "@/lib/domain/access-reviews/access-review";
import { type Action, action, anyAllows, type Permission } from "@/lib/domain/roles/permissions";
import { knownWord } from "@/lib/domain/text/known-word";
import { isolated } from "@/lib/domain/text/visible-text";

interface Place {
  readonly resourceId: string;
  readonly resourceName: string;
  readonly scope: string;
}

/** A role that principals hold directly or may activate, at one resource, now or later. */
export interface RoleAccess extends Place {
  readonly assignmentType: "Eligible" | "Active";
  readonly roleDefinitionId: string;
  readonly roleName: string;
  /** Whether the role allows its active holder to write authorisation. */
  readonly writesAuthorization: boolean;
}

/**
 * The right to decide on activations of a role at one resource: its settings, or a waiting request, name the
 * principal.
 */
export interface ApproverRight extends Place {
  readonly assignmentType: "Approver";
  readonly roleDefinitionId: string;
  readonly roleName: string;
}

/**
 * A right in an access review that runs or is planned: that of a reviewer, or of the administrator in
 * whose name it starts and applies.
 */
export interface ReviewRight extends Place {
  readonly assignmentType: "Reviewer" | "ReviewAdministrator";
  readonly reviewId: string;
  readonly reviewName: string;
  readonly covers: ReviewCovers;
}

/** The right to decide on the access of the people whose manager the principal is, since access reviews ask managers. */
export interface ManagerRight extends Place {
  readonly assignmentType: "Manager";
  readonly access: "Eligible" | "Active";
  readonly roleDefinitionId: string;
  readonly roleName: string;
}

/**
 * What comes with being a principal (docs/rules.md, rule 8): access, and every decision right over the access of
 * others.
 */
export type Privilege = RoleAccess | ApproverRight | ReviewRight | ManagerRight;

/** A privilege with its direct holder. */
export type HeldPrivilege = Privilege & { readonly holderId: string };

/** The permission to assign, change or end an eligibility or a direct assignment. */
export function permissionToAssign(assignmentType: "Eligible" | "Active"): Action {
  return knownWord(assignmentType, ["Eligible", "Active"]) === "Active"
    ? action.writeAssignment
    : action.writeEligibility;
}

/** The permissions to grant this privilege: to assign the role, to edit the settings, to start the review. */
export function permissionsToGrant(privilege: Privilege): readonly Action[] {
  switch (privilege.assignmentType) {
    case "Eligible":
    case "Active":
      return [permissionToAssign(privilege.assignmentType)];
    case "Approver":
      return [action.writeRoleSettings];
    case "Manager":
      return [permissionToAssign(privilege.access)];
    case "Reviewer":
    case "ReviewAdministrator":
      return permissionsToReview(privilege.covers);
  }
}

/** Whether this privilege is a decision right over the access of others, and not access of one's own. */
export function isDecisionRight(privilege: Privilege): privilege is Exclude<Privilege, RoleAccess> {
  return privilege.assignmentType !== "Eligible" && privilege.assignmentType !== "Active";
}

/** Whether handing this over is judged by the settings of its role: what is active, and eligibility that takes a proof. */
export function isJudgedBySettings<Kind extends Privilege>(
  privilege: Kind,
): privilege is Extract<Kind, RoleAccess> {
  return (
    privilege.assignmentType === "Active" ||
    (privilege.assignmentType === "Eligible" && privilege.writesAuthorization)
  );
}

/** A key that is equal for equal privileges, regardless of their holder. */
export function privilegeKey(privilege: Privilege): string {
  switch (privilege.assignmentType) {
    case "Eligible":
    case "Active":
    case "Approver":
      return `${privilege.assignmentType} ${privilege.roleDefinitionId} ${privilege.resourceId}`;
    case "Manager":
      return `Manager ${privilege.access} ${privilege.roleDefinitionId} ${privilege.resourceId}`;
    case "Reviewer":
    case "ReviewAdministrator":
      return `${privilege.assignmentType} ${privilege.reviewId}`;
  }
}

/** Each privilege once, however many hold it. */
export function distinctPrivileges<Kind extends Privilege>(held: readonly Kind[]): Kind[] {
  return [...new Map(held.map((each) => [privilegeKey(each), each])).values()];
}

/** A privilege that somebody may not grant, and why. */
export interface BeyondAuthority {
  readonly missing: Privilege;
  readonly needed: Action;
  readonly message: string;
}

/** The first privilege that these permissions, by resource, do not allow to grant. Null if all may be granted. */
export function beyondAuthority(
  privileges: readonly Privilege[],
  held: ReadonlyMap<string, readonly Permission[]>,
): BeyondAuthority | null {
  for (const missing of privileges) {
    const needed = permissionsToGrant(missing).find(
      (permission) => !anyAllows(held.get(missing.resourceId) ?? [], permission),
    );
    if (needed === undefined) continue;
    const message = `${concerns(missing)} You do not have authorization to perform ${needed} over ${missing.scope}.`;
    return { missing, needed, message };
  }
  return null;
}

function concerns(privilege: Privilege): string {
  switch (privilege.assignmentType) {
    case "Eligible":
    case "Active":
      return "This concerns access that you may not assign.";
    case "Approver":
      return `This concerns who approves activations of ${isolated(privilege.roleName)}, under role settings that you may not edit.`;
    case "Manager":
      return "This concerns the manager of somebody whose access you may not assign.";
    case "Reviewer":
      return "This concerns who reviews access, in an access review that you may not start.";
    case "ReviewAdministrator":
      return "This concerns whose access review it is, one that you may not start.";
  }
}

function nameOf(privilege: Privilege): string {
  return "reviewName" in privilege ? privilege.reviewName : privilege.roleName;
}

/** Privileges as an event's details list them, at most fifty. */
export function privilegeNames(privileges: readonly Privilege[]): string[] {
  return privileges.slice(0, 50).map((each) => `${nameOf(each)} (${each.assignmentType}) at ${each.scope}`);
}

/** Privileges in words, the first three: "Reader on Production to activate, and 2 more". */
export function privilegesInWords(privileges: readonly Privilege[]): string {
  const how = {
    Eligible: "to activate",
    Active: "active",
    Approver: "to approve",
    Manager: "to review as manager",
    Reviewer: "to review",
    ReviewAdministrator: "to run as its administrator",
  };
  const named = privileges
    .slice(0, 3)
    .map((each) => `${isolated(nameOf(each))} on ${isolated(each.resourceName)} ${how[each.assignmentType]}`);
  const more = privileges.length - named.length;
  return `${named.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}
