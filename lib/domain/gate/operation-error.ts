import type { ReviewFault } from "@/lib/domain/access-reviews/access-review";
import type { Schedule } from "@/lib/domain/gate/schedule";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";

/** The rules of a role management policy by ARM's names, as clients in the wild understand them. */
export type RuleName =
  | "MfaRule"
  | "JustificationRule"
  | "TicketingRule"
  | "ExpirationRule"
  | "OverlapRule"
  | "EligibilityRule"
  | "ApprovalRule";

/** One rule that a request failed, with the form field it concerns and what would be right. */
export interface RuleFailure {
  readonly rule: RuleName;
  readonly field:
    | "code"
    | "justification"
    | "ticketNumber"
    | "ticketSystem"
    | "duration"
    | "startsAt"
    | "endsAt"
    | "eligibility"
    | "approval";
  readonly message: string;
}

/** Everything that users can cause an operation to refuse; the codes are ARM's where ARM has one. */
export type OperationError =
  | {
      readonly code: "RoleAssignmentRequestPolicyValidationFailed";
      readonly failures: readonly RuleFailure[];
    }
  | { readonly code: "RoleAssignmentExists"; readonly message: string }
  /** The member waits for approval of the same role at the same scope already. */
  | { readonly code: "PendingRoleAssignmentRequest"; readonly message: string }
  | { readonly code: "RoleAssignmentDoesNotExist"; readonly message: string }
  | { readonly code: "RoleAssignmentRequestExists"; readonly message: string }
  | { readonly code: "RequestNotPending"; readonly message: string }
  | { readonly code: "OwnRequest"; readonly message: string }
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
  /** The assignment has other times than it was shown with. */
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
  /** Nobody can change anything at present, and nothing was. */
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
