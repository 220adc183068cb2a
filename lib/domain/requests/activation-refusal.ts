import type { OperationError } from "@/lib/domain/gate/operation-error";
import type { WaitingStatus } from "@/lib/domain/requests/request-state";

/** Somebody has the role at the resource already for part of the time. */
export const alreadyAssigned: OperationError = {
  code: "RoleAssignmentExists",
  message: "There is already an assignment of this role at this scope for that time.",
};

/** The member is not eligible for the role at the resource, or no longer. */
export const notEligible: OperationError = {
  code: "RoleAssignmentDoesNotExist",
  message: "You are not eligible for this role at this scope now.",
};

/** The member has asked for the role at the resource already. */
export function alreadyRequested(status: WaitingStatus): OperationError {
  const what =
    status === "PendingProvisioning"
      ? "the request is approved and waits for your verification code"
      : "the request waits for approval";
  return {
    code: "PendingRoleAssignmentRequest",
    message: `You have already requested this role at this scope: ${what}.`,
  };
}
