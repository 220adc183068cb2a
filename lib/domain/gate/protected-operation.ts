import type { ActivationItem } from "@/lib/domain/gate/activations-together";
import type { ImportSchedulePlan } from "@/lib/domain/gate/import-schedule-plan";
import type { SignInRules } from "@/lib/domain/people/sign-in-rules";
import type { ConflictRuleFields } from "@/lib/domain/roles/conflict-rule";
import type { RoleChange } from "@/lib/domain/roles/role-change";
import type { RoleDefinitionFields } from "@/lib/domain/roles/role-definition";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";

/** What identifies a principal to people, files and other systems: for a group also its name, which is null for others. */
export interface Identifiers {
  readonly email: string | null;
  readonly externalId: string | null;
  readonly groupName: string | null;
}

/** What raises a kind of alert. */
interface Threshold {
  readonly enabled: boolean;
  readonly threshold: number;
  readonly percent: number;
}

/**
 * An operation that may require a step-up, with everything that a proof is bound to (docs/rules.md,
 * rule 2). Times are ISO 8601 in UTC. A `null` start means at once, a `null` end permanent.
 */
export type ProtectedOperation =
  | {
      readonly kind: "ActivateRole";
      readonly eligibilityId: string;
      readonly resourceId: string;
      readonly startsAt: string | null;
      readonly durationMinutes: number;
    }
  /** Several at once: one proof for exactly these, in any order. */
  | { readonly kind: "ActivateRoles"; readonly items: readonly ActivationItem[] }
  /** Moves the end of a running activation of one's own, from the end that was shown to a later one. */
  | {
      readonly kind: "ExtendActivation";
      readonly assignmentId: string;
      readonly expectedEnd: string;
      readonly endsAt: string;
    }
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
      /** The times that the change is based on. */
      readonly expected: { readonly startsAt: string; readonly endsAt: string | null };
      readonly startsAt: string | null;
      readonly endsAt: string | null;
    }
  | {
      readonly kind: "ExtendAssignment";
      readonly assignmentId: string;
      /** The end that the extension is based on. */
      readonly expectedEnd: string | null;
      readonly endsAt: string | null;
    }
  | {
      readonly kind: "RenewAssignment";
      readonly assignmentId: string;
      readonly startsAt: string | null;
      readonly endsAt: string | null;
    }
  /** Extends several assignments, each from the end that was shown to the same new end. */
  | {
      readonly kind: "ExtendAssignments";
      readonly rows: readonly {
        readonly assignmentType: "Eligible" | "Active";
        readonly id: string;
        readonly expectedEnd: string | null;
      }[];
      readonly endsAt: string | null;
    }
  /** Renews several expired assignments, each for the same time. */
  | {
      readonly kind: "RenewAssignments";
      readonly rows: readonly { readonly assignmentType: "Eligible" | "Active"; readonly id: string }[];
      readonly startsAt: string | null;
      readonly endsAt: string | null;
    }
  /** Turns direct assignments into eligibilities, each as it was shown. */
  | {
      readonly kind: "MakeEligible";
      readonly rows: readonly {
        readonly id: string;
        readonly startsAt: string;
        readonly endsAt: string | null;
        readonly eligibleUntil: string | null;
        readonly keptId: string | null;
        readonly readiness: string;
      }[];
    }
  /** Assigns several roles to several members, each role to each member. */
  | {
      readonly kind: "AssignRoles";
      readonly assignmentType: "Eligible" | "Active";
      readonly roleDefinitionIds: readonly string[];
      readonly resourceId: string;
      readonly principalIds: readonly string[];
      readonly startsAt: string | null;
      readonly endsAt: string | null;
    }
  /** Approves a member's request to extend or renew, if the result is an active assignment. */
  | {
      readonly kind: "ApproveExtension";
      readonly requestId: string;
      readonly startsAt: string | null;
      readonly endsAt: string | null;
    }
  /** Approves several of them, each as it was requested and from the end that was shown. */
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
  /** The settings of several roles at one resource, in any order. */
  | {
      readonly kind: "UpdateSettingsOfRoles";
      readonly resourceId: string;
      readonly roles: readonly RoleChange[];
    }
  | {
      readonly kind: "AddGroupMembers";
      readonly groupId: string;
      readonly memberIds: readonly string[];
    }
  /** Sets up, changes or resumes an import that runs by itself. From then on it runs for that person. */
  | {
      readonly kind: "SaveImportSchedule";
      readonly scheduleId: string | null;
      readonly expectedVersion: number;
      readonly plan: ImportSchedulePlan;
    }
  /** Applies exactly the rows of the digest. */
  | { readonly kind: "ApplyImport"; readonly importId: string; readonly digest: string }
  /** Widens what a custom role allows its holders. */
  | {
      readonly kind: "UpdateRoleDefinition";
      readonly roleDefinitionId: string;
      readonly expectedVersion: number;
      readonly definition: RoleDefinitionFields;
    }
  /** Allows roles to be held together that a rule forbids. */
  | {
      readonly kind: "UpdateConflictRule";
      readonly ruleId: string;
      readonly expectedVersion: number;
      readonly rule: ConflictRuleFields;
    }
  | { readonly kind: "RemoveConflictRule"; readonly ruleId: string; readonly expectedVersion: number }
  /** The exception's principal, rule and end never change. */
  | { readonly kind: "ApproveConflictException"; readonly exceptionId: string }
  /** Gives the access of a principal back to them or to another person. */
  | {
      readonly kind: "EnablePrincipal" | "IssueSignIn" | "ResetAuthenticator";
      readonly principalId: string;
    }
  /** Names who reviews somebody's access where an access review asks managers. */
  | { readonly kind: "SetManager"; readonly userId: string; readonly managerId: string }
  /** Changes what identifies a principal. It includes the values that were shown, for the description. */
  | {
      readonly kind: "ChangeIdentifiers";
      readonly principalId: string;
      readonly from: Identifiers;
      readonly to: Identifiers;
    }
  /** A second administrator confirms the reset of somebody's factors. */
  | { readonly kind: "ConfirmFactorReset"; readonly principalId: string; readonly resetId: string }
  /** Lets somebody enrol a first factor, for so many hours. */
  | { readonly kind: "IssueFactorPass"; readonly principalId: string; readonly hours: number }
  /** One proof for exactly these requests and this decision, in any order. */
  | {
      readonly kind: "DecideRequests";
      readonly decision: "Approve" | "Deny";
      readonly requestIds: readonly string[];
    }
  /** A member activates an approved request. It determines role, resource and duration, and never changes. */
  | { readonly kind: "ProvisionRequest"; readonly requestId: string }
  /** A member approves their own request in an emergency. It determines role and resource, and never changes. */
  | {
      readonly kind: "BreakGlass";
      readonly requestId: string;
      readonly durationMinutes: number;
      readonly justification: string | null;
    }
  /** Moves a resource with everything below it. `preview` stands for all of the effects that were shown. */
  | {
      readonly kind: "MoveResource";
      readonly resourceId: string;
      readonly fromId: string;
      readonly toId: string;
      readonly preview: string;
    }
  /** Retires a resource with everything below it, or undoes that. `preview` stands for the effects that were shown. */
  | { readonly kind: "RetireResource"; readonly resourceId: string; readonly preview: string }
  | { readonly kind: "UndoRetirement"; readonly retirementId: string; readonly preview: string }
  /** Settings of the whole installation. */
  | {
      readonly kind: "UpdateOrganisation";
      readonly expectedVersion: number;
      readonly displayName: string;
      readonly timeZone: string;
      readonly allowedMailDomains: readonly string[];
      readonly alertAddresses: readonly string[];
    }
  | { readonly kind: "UpdateSignInRules"; readonly expectedVersion: number; readonly rules: SignInRules }
  /** A directory with a token, or a new token for it, and for how many days the token is valid. */
  | { readonly kind: "CreateDirectory"; readonly name: string; readonly days: number }
  | { readonly kind: "ReplaceDirectoryToken"; readonly directoryId: string; readonly days: number }
  /** Gives a person or group to a directory; null takes them out of theirs. */
  | { readonly kind: "HandOverPrincipal"; readonly principalId: string; readonly directoryId: string | null }
  /** What raises an alert at a resource: each change from what was shown. */
  | {
      readonly kind: "UpdateAlertSettings";
      readonly resourceId: string;
      readonly alerts: readonly (Threshold & { readonly alert: string; readonly shown: Threshold })[];
    }
  /** Operations on one's own factors (replace, remove or add one; new recovery codes), or on one's own sessions. */
  | {
      readonly kind:
        | "ReplaceAuthenticator"
        | "RemoveAuthenticator"
        | "ReplaceRecoveryCodes"
        | "RegisterPasskey"
        | "ManageSessions";
    }
  | { readonly kind: "RemovePasskey"; readonly passkeyId: string }
  /** Allows one identity of a provider to sign in as somebody: oneself or another person. */
  | { readonly kind: "LinkIdentity"; readonly principalId: string; readonly issuer: string }
  | { readonly kind: "UnlinkIdentity"; readonly principalId: string; readonly linkId: string }
  /** Adds an account to the list of break-glass accounts, or removes it. */
  | { readonly kind: "NameBreakGlassAccount" | "RemoveBreakGlassAccount"; readonly principalId: string };
