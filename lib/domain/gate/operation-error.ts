import type { ReviewFault } from "@/lib/domain/access-reviews/access-review";
import type { ExceptionToAsk } from "@/lib/domain/roles/conflict-exception";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import type { Schedule } from "@/lib/domain/time/schedule";

/** The rules of a role management policy by ARM's names, which other clients understand. */
export type RuleName =
  | "MfaRule"
  | "JustificationRule"
  | "TicketingRule"
  | "ExpirationRule"
  | "OverlapRule"
  | "EligibilityRule"
  | "ApprovalRule"
  | "BreakGlassRule"
  | "ConflictRule";

/** One failed rule, with its form field and what would be right. */
export interface RuleFailure {
  readonly rule: RuleName;
  readonly field:
    | "code"
    /** A second factor that is phishing-resistant. */
    | "passkey"
    | "justification"
    | "ticketNumber"
    | "ticketSystem"
    | "duration"
    | "startsAt"
    | "endsAt"
    | "eligibility"
    | "approval"
    | "breakGlass"
    | "conflict";
  readonly message: string;
}

/** Why an operation was refused. The codes are ARM's where ARM has one. */
export type OperationError =
  | {
      readonly code: "RoleAssignmentRequestPolicyValidationFailed";
      readonly failures: readonly RuleFailure[];
    }
  | { readonly code: "RoleAssignmentExists"; readonly message: string }
  /** Somebody would hold roles that a rule forbids to hold together (docs/decisions/conflicting-roles.md). */
  | {
      readonly code: "RoleAssignmentConflict";
      readonly message: string;
      /** From which rules the caller may request an exception, and for whom. */
      readonly exceptions: readonly ExceptionToAsk[];
    }
  /** The member already waits for approval of the same role at the same scope. */
  | { readonly code: "PendingRoleAssignmentRequest"; readonly message: string }
  | { readonly code: "RoleAssignmentDoesNotExist"; readonly message: string }
  | { readonly code: "RoleAssignmentRequestExists"; readonly message: string }
  | { readonly code: "RequestNotPending"; readonly message: string }
  | { readonly code: "OwnRequest"; readonly message: string }
  /** An emergency activation of the same role still waits for its review. */
  | { readonly code: "BreakGlassUnderReview"; readonly message: string }
  | {
      readonly code: "InvalidRoleAssignmentRequestSchedule";
      readonly field: "startsAt" | "endsAt";
      readonly message: string;
    }
  | { readonly code: "AuthorizationFailed"; readonly message: string }
  | { readonly code: "NotFound"; readonly message: string }
  | {
      readonly code: "InvalidSettings";
      readonly faults: readonly { field: keyof RoleSettings; message: string }[];
    }
  | {
      readonly code: "StaleRoleSettings";
      readonly message: string;
      readonly current: RoleSettings;
      readonly currentVersion: number;
      readonly changedBy: string | null;
    }
  /** The times of the assignment have changed since it was shown. */
  | {
      readonly code: "StaleAssignment";
      readonly message: string;
      readonly shown: Schedule;
      readonly current: Schedule;
    }
  | { readonly code: "InvalidAccessReview"; readonly faults: readonly ReviewFault[] }
  | { readonly code: "AccessReviewState"; readonly message: string }
  | { readonly code: "LastOwner"; readonly message: string }
  | {
      readonly code: "InvalidInput";
      readonly faults: readonly { readonly field: string; readonly message: string }[];
    }
  | { readonly code: "StaleEdit"; readonly message: string }
  | { readonly code: "MembershipCycle"; readonly message: string }
  | { readonly code: "Conflict"; readonly message: string }
  | { readonly code: "TooManyRequests"; readonly message: string }
  /** The database takes no changes at present, and nothing was changed. */
  | { readonly code: "TakesNoChanges"; readonly message: string };

export type OperationResult<Success extends object> =
  | ({ readonly ok: true } & Success)
  | { readonly ok: false; readonly error: OperationError };

/** A refusal in one sentence, for a toast or a log line. */
export function errorMessage(error: OperationError): string {
  switch (error.code) {
    case "RoleAssignmentRequestPolicyValidationFailed":
      return error.failures.map((failure) => failure.message).join(" ");
    case "InvalidSettings":
    case "InvalidAccessReview":
    case "InvalidInput":
      return error.faults.map((fault) => fault.message).join(" ");
    default:
      return error.message;
  }
}
