import type { RoleDefinitionFields } from "@/lib/domain/roles/role-definition";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";

/** One of the activations that a member asks for together. */
export interface ActivationItem {
  readonly eligibilityId: string;
  readonly resourceId: string;
  readonly startsAt: string | null;
  readonly durationMinutes: number;
}

/** How many roles may be activated together: what a person can take in at a glance, and one transaction do swiftly. */
export const mostAtOnce = 25;

/** The order in which activations asked for together are taken up, so that their locks are in one order too. */
export function byEligibility(
  left: Pick<ActivationItem, "eligibilityId" | "resourceId">,
  right: Pick<ActivationItem, "eligibilityId" | "resourceId">,
): number {
  const key = (item: typeof left) => `${item.eligibilityId} ${item.resourceId}`;
  return key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : 0;
}

/**
 * An operation that may need a step-up, with everything a proof is bound to (docs/rules.md, rule 2). Times are
 * ISO 8601 in UTC; `null` as a start means at once, as an end permanently.
 */
export type ProtectedOperation =
  | {
      readonly kind: "ActivateRole";
      readonly eligibilityId: string;
      readonly resourceId: string;
      readonly startsAt: string | null;
      readonly durationMinutes: number;
    }
  /** Several at once: one proof for exactly these, and no other, whatever their order. */
  | { readonly kind: "ActivateRoles"; readonly items: readonly ActivationItem[] }
  | {
      readonly kind: "AssignRole";
      readonly assignmentType: "Eligible" | "Active";
      readonly roleDefinitionId: string;
      readonly resourceId: string;
      readonly principalIds: readonly string[];
      readonly startsAt: string | null;
      readonly endsAt: string | null;
    }
  | {
      readonly kind: "UpdateAssignment";
      readonly assignmentId: string;
      /** The times that the change was built on. */
      readonly expected: { readonly startsAt: string; readonly endsAt: string | null };
      readonly startsAt: string | null;
      readonly endsAt: string | null;
    }
  | {
      readonly kind: "ExtendAssignment";
      readonly assignmentId: string;
      /** The end that the extension was built on. */
      readonly expectedEnd: string | null;
      readonly endsAt: string | null;
    }
  | {
      readonly kind: "RenewAssignment";
      readonly assignmentId: string;
      readonly startsAt: string | null;
      readonly endsAt: string | null;
    }
  /** Several assignments extended together, each from the end that it was shown with until the same end. */
  | {
      readonly kind: "ExtendAssignments";
      readonly rows: readonly {
        readonly assignmentType: "Eligible" | "Active";
        readonly id: string;
        readonly expectedEnd: string | null;
      }[];
      readonly endsAt: string | null;
    }
  /** Several assignments that expired given again together, each for the same time. */
  | {
      readonly kind: "RenewAssignments";
      readonly rows: readonly { readonly assignmentType: "Eligible" | "Active"; readonly id: string }[];
      readonly startsAt: string | null;
      readonly endsAt: string | null;
    }
  /** Several roles given to several members together, each member each role. */
  | {
      readonly kind: "AssignRoles";
      readonly assignmentType: "Eligible" | "Active";
      readonly roleDefinitionIds: readonly string[];
      readonly resourceId: string;
      readonly principalIds: readonly string[];
      readonly startsAt: string | null;
      readonly endsAt: string | null;
    }
  /** The approval of a member's request to extend or renew, when it leaves them with an active assignment. */
  | {
      readonly kind: "ApproveExtension";
      readonly requestId: string;
      readonly startsAt: string | null;
      readonly endsAt: string | null;
    }
  /** The approval of several of them, each as it was asked for and from the end that it was shown with. */
  | {
      readonly kind: "ApproveExtensions";
      readonly requests: readonly { readonly id: string; readonly expectedEnd: string | null }[];
    }
  | {
      readonly kind: "UpdateRoleSettings";
      readonly roleDefinitionId: string;
      readonly resourceId: string;
      readonly expectedVersion: number;
      readonly settings: RoleSettings;
    }
  | {
      readonly kind: "AddGroupMembers";
      readonly groupId: string;
      readonly memberIds: readonly string[];
    }
  /** Applies exactly the rows that the digest was taken of. */
  | { readonly kind: "ApplyImport"; readonly importId: string; readonly digest: string }
  /** Widens what a custom role allows whoever holds it. */
  | {
      readonly kind: "UpdateRoleDefinition";
      readonly roleDefinitionId: string;
      readonly expectedVersion: number;
      readonly definition: RoleDefinitionFields;
    }
  /** Gives somebody back, or into other hands, the access that a principal has. */
  | {
      readonly kind: "EnablePrincipal" | "IssueSignIn" | "ResetAuthenticator";
      readonly principalId: string;
    }
  /** One proof for exactly these requests and this decision, whatever their order. */
  | {
      readonly kind: "DecideRequests";
      readonly decision: "Approve" | "Deny";
      readonly requestIds: readonly string[];
    }
  /** A member takes up what was approved for them: the request says what, where and for how long, and never changes. */
  | { readonly kind: "ProvisionRequest"; readonly requestId: string }
  /** What holds for the whole installation. */
  | {
      readonly kind: "UpdateOrganisation";
      readonly expectedVersion: number;
      readonly allowedMailDomains: readonly string[];
    }
  /** Operations on one's own factors: replace or remove the authenticator app, make new recovery codes. */
  | { readonly kind: "ReplaceAuthenticator" | "RemoveAuthenticator" | "ReplaceRecoveryCodes" };

const byId = (left: { readonly id: string }, right: { readonly id: string }) => (left.id < right.id ? -1 : 1);

/** The same text for the same operation, whatever order its parts were given in; what the digest is taken of. */
export function canonicalOperation(operation: ProtectedOperation): string {
  return JSON.stringify(normalised(operation), (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
      : value,
  );
}

function normalised(operation: ProtectedOperation): ProtectedOperation {
  switch (operation.kind) {
    case "AssignRole":
      return { ...operation, principalIds: [...operation.principalIds].sort() };
    case "ActivateRoles":
      return { ...operation, items: [...operation.items].sort(byEligibility) };
    case "AddGroupMembers":
      return { ...operation, memberIds: [...operation.memberIds].sort() };
    case "DecideRequests":
      return { ...operation, requestIds: [...operation.requestIds].sort() };
    case "ExtendAssignments":
      return { ...operation, rows: [...operation.rows].sort(byId) };
    case "ApproveExtensions":
      return { ...operation, requests: [...operation.requests].sort(byId) };
    case "RenewAssignments":
      return { ...operation, rows: [...operation.rows].sort(byId) };
    case "AssignRoles":
      return {
        ...operation,
        roleDefinitionIds: [...operation.roleDefinitionIds].sort(),
        principalIds: [...operation.principalIds].sort(),
      };
    default:
      return operation;
  }
}
