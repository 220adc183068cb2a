import { permissionsToReview, type ReviewCovers } from "@/lib/domain/access-reviews/access-review";
import { type Action, action, anyAllows, type Permission } from "@/lib/domain/gate/permissions";
import { knownWord } from "@/lib/domain/known-word";

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
}

/**
 * The right to decide on activations of a role at one resource: its settings, or a waiting request, name the
 * principal.
 */
export interface ApproverSay extends Place {
  readonly assignmentType: "Approver";
  readonly roleDefinitionId: string;
  readonly roleName: string;
}

/**
 * A right in an access review that runs or is planned: as a reviewer, or as the administrator in whose name it starts
 * and applies.
 */
export interface ReviewSay extends Place {
  readonly assignmentType: "Reviewer" | "ReviewAdministrator";
  readonly reviewId: string;
  readonly reviewName: string;
  readonly covers: ReviewCovers;
}

/** The right to decide on the access of somebody whose manager the principal is: access reviews ask managers. */
export interface ManagerSay extends Place {
  readonly assignmentType: "Manager";
  readonly access: "Eligible" | "Active";
  readonly roleDefinitionId: string;
  readonly roleName: string;
}

/**
 * What comes with being a principal (docs/rules.md, rule 8): access, and every decision right over the access of
 * others.
 */
export type Power = RoleAccess | ApproverSay | ReviewSay | ManagerSay;

/** A privilege with its direct holder. */
export type HeldPower = Power & { readonly holderId: string };

/** The permission to assign, change or end an eligibility or a direct assignment. */
export function permissionToGive(assignmentType: "Eligible" | "Active"): Action {
  return knownWord(assignmentType, ["Eligible", "Active"]) === "Active"
    ? action.writeAssignment
    : action.writeEligibility;
}

/** The permissions to grant this privilege: to assign the role, to edit the settings, to start the review. */
export function permissionsToGive(power: Power): readonly Action[] {
  switch (power.assignmentType) {
    case "Eligible":
    case "Active":
      return [permissionToGive(power.assignmentType)];
    case "Approver":
      return [action.writeRoleSettings];
    case "Manager":
      return [permissionToGive(power.access)];
    case "Reviewer":
    case "ReviewAdministrator":
      return permissionsToReview(power.covers);
  }
}

/** Whether this privilege is a right to decide on the access of others, not access of one's own. */
export function isSay(power: Power): power is Exclude<Power, RoleAccess> {
  return power.assignmentType !== "Eligible" && power.assignmentType !== "Active";
}

/** A key that is equal for equal privileges, whoever holds them. */
export function powerKey(power: Power): string {
  switch (power.assignmentType) {
    case "Eligible":
    case "Active":
    case "Approver":
      return `${power.assignmentType} ${power.roleDefinitionId} ${power.resourceId}`;
    case "Manager":
      return `Manager ${power.access} ${power.roleDefinitionId} ${power.resourceId}`;
    case "Reviewer":
    case "ReviewAdministrator":
      return `${power.assignmentType} ${power.reviewId}`;
  }
}

/** Each privilege once, however many hold it. */
export function distinctPower<Kind extends Power>(held: readonly Kind[]): Kind[] {
  return [...new Map(held.map((each) => [powerKey(each), each])).values()];
}

/** A privilege that somebody may not grant, and why. */
export interface Beyond {
  readonly missing: Power;
  readonly needed: Action;
  readonly message: string;
}

/** The first privilege that these permissions, by resource, do not allow to grant; null if all may be granted. */
export function beyondAuthority(
  power: readonly Power[],
  held: ReadonlyMap<string, readonly Permission[]>,
): Beyond | null {
  for (const missing of power) {
    const needed = permissionsToGive(missing).find(
      (permission) => !anyAllows(held.get(missing.resourceId) ?? [], permission),
    );
    if (needed === undefined) continue;
    const message = `${concerns(missing)} You do not have authorization to perform ${needed} over ${missing.scope}.`;
    return { missing, needed, message };
  }
  return null;
}

function concerns(power: Power): string {
  switch (power.assignmentType) {
    case "Eligible":
    case "Active":
      return "This concerns access that you may not assign.";
    case "Approver":
      return `This concerns who approves activations of ${power.roleName}, under role settings that you may not edit.`;
    case "Manager":
      return "This concerns the manager of somebody whose access you may not assign.";
    case "Reviewer":
      return "This concerns who reviews access, in an access review that you may not start.";
    case "ReviewAdministrator":
      return "This concerns whose access review it is, one that you may not start.";
  }
}

function nameOf(power: Power): string {
  return "reviewName" in power ? power.reviewName : power.roleName;
}

/** Privileges as an event's details list them, at most fifty. */
export function powerNames(power: readonly Power[]): string[] {
  return power.slice(0, 50).map((each) => `${nameOf(each)} (${each.assignmentType}) at ${each.scope}`);
}

/** Privileges in words, the first three: "Reader on Production to activate, and 2 more". */
export function powerInWords(power: readonly Power[]): string {
  const how = {
    Eligible: "to activate",
    Active: "active",
    Approver: "to approve",
    Manager: "to review as manager",
    Reviewer: "to review",
    ReviewAdministrator: "to run as its administrator",
  };
  const named = power
    .slice(0, 3)
    .map((each) => `${nameOf(each)} on ${each.resourceName} ${how[each.assignmentType]}`);
  const more = power.length - named.length;
  return `${named.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}
