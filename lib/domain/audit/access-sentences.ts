import type { AuditKind } from "@/lib/domain/audit/audit-kinds";

/** The sentences of events about activations, requests and assignments, as `eventSentences` has them. */
export const accessSentences = {
  ActivationRequested:
    "{actor} asked to activate {role}[ on {resource}] | {actor} tried to ask for {role}[ on {resource}]",
  ActivationAwaitsCode:
    "{actor} approved {role}[ on {resource}][ for {target}], which waits for a code | {actor} tried to approve {role}[ on {resource}][ for {target}]",
  RoleActivated:
    "{actor} activated {role}[ on {resource}][ for {other}] | {actor} tried to activate {role}[ on {resource}]",
  ActivationExtensionRequested:
    "{actor} asked to extend the activation of {role}[ on {resource}] | {actor} tried to ask to extend the activation of {role}[ on {resource}]",
  ActivationExtended:
    "{actor} extended the activation of {role}[ on {resource}][ for {other}] | {actor} tried to extend the activation of {role}[ on {resource}]",
  RoleDeactivated:
    "{actor} deactivated {role}[ on {resource}][ of {other}] | {actor} tried to deactivate {role}[ on {resource}]",
  ActivationExpired:
    "The activation of {role}[ on {resource}][ by {target}] ended | The activation of {role} could not be ended",
  ActivationRevoked:
    "The activation of {role}[ on {resource}][ by {target}] ended early[, because of {actor}] | {actor} tried to end the activation of {role}",
  RequestApproved:
    "{actor} approved the request[ of {target}] for {role}[ on {resource}] | {actor} tried to approve the request[ of {target}] for {role}[ on {resource}]",
  RequestDenied:
    "{actor} denied the request[ of {target}] for {role}[ on {resource}] | {actor} tried to deny the request[ of {target}] for {role}[ on {resource}]",
  RequestCanceled:
    "{actor} canceled the request[ of {other}] for {role}[ on {resource}] | {actor} tried to cancel the request[ of {other}] for {role}[ on {resource}]",
  RequestEscalated:
    "The request[ of {target}] for {role}[ on {resource}] was escalated | The request for {role} could not be escalated",
  RequestReminded:
    "Approvers were reminded of the request[ of {target}] for {role}[ on {resource}] | Approvers could not be reminded of the request for {role}",
  RequestTimedOut:
    "The request[ of {target}] for {role}[ on {resource}] timed out | The request for {role} could not time out",
  RequestRevoked:
    "The request[ of {target}] for {role}[ on {resource}] was revoked | The request for {role} could not be revoked",
  RequestFailed:
    "The approved request[ of {target}] for {role}[ on {resource}] failed | The approved request[ of {target}] for {role}[ on {resource}] failed",
  ExtensionRequested:
    "{actor} asked to extend {role}[ on {resource}][ for {other}] | {actor} tried to ask for an extension of {role}[ on {resource}]",
  ExtensionApproved:
    "{actor} approved the extension of {role}[ on {resource}][ for {target}] | {actor} tried to approve the extension of {role}[ on {resource}][ for {target}]",
  ExtensionDenied:
    "{actor} denied the extension of {role}[ on {resource}][ for {target}] | {actor} tried to deny the extension of {role}[ on {resource}][ for {target}]",
  ExtensionCanceled:
    "The request to extend {role}[ on {resource}][ for {target}] was canceled[ by {actor}] | {actor} tried to cancel the request to extend {role}[ on {resource}]",
  RenewalRequested:
    "{actor} asked to renew {role}[ on {resource}][ for {other}] | {actor} tried to ask for a renewal of {role}[ on {resource}]",
  RenewalApproved:
    "{actor} approved the renewal of {role}[ on {resource}][ for {target}] | {actor} tried to approve the renewal of {role}[ on {resource}][ for {target}]",
  RenewalDenied:
    "{actor} denied the renewal of {role}[ on {resource}][ for {target}] | {actor} tried to deny the renewal of {role}[ on {resource}][ for {target}]",
  RenewalCanceled:
    "The request to renew {role}[ on {resource}][ for {target}] was canceled[ by {actor}] | {actor} tried to cancel the request to renew {role}[ on {resource}]",
  BreakGlassUsed:
    "{actor} approved their own request for {role}[ on {resource}] in an emergency | {actor} tried to approve their own request for {role}[ on {resource}] in an emergency",
  BreakGlassReviewed:
    "{actor} closed the review of the emergency activation of {role}[ on {resource}][ by {target}] | {actor} tried to close the review of the emergency activation of {role}[ on {resource}][ by {target}]",
  EligibleAssignmentAdded:
    "{actor} made {self} eligible for {role}[ on {resource}] | {actor} tried to make {self} eligible for {role}[ on {resource}]",
  EligibleAssignmentUpdated:
    "{actor} updated the eligible assignment of {self} to {role}[ on {resource}] | {actor} tried to update the eligible assignment of {self} to {role}[ on {resource}]",
  EligibleAssignmentRemoved:
    "{actor} removed the eligible assignment of {self} to {role}[ on {resource}] | {actor} tried to remove the eligible assignment of {self} to {role}[ on {resource}]",
  EligibleAssignmentExtended:
    "{actor} extended the eligible assignment of {self} to {role}[ on {resource}] | {actor} tried to extend the eligible assignment of {self} to {role}[ on {resource}]",
  EligibleAssignmentRenewed:
    "{actor} renewed the eligible assignment of {self} to {role}[ on {resource}] | {actor} tried to renew the eligible assignment of {self} to {role}[ on {resource}]",
  EligibleAssignmentExpired:
    "The eligible assignment[ of {target}] to {role}[ on {resource}] ended | The eligible assignment to {role} could not be ended",
  EligibleAssignmentReplacedActive:
    "{actor} made {self} eligible for {role}[ on {resource}] instead of active | {actor} tried to make the active assignment of {self} to {role}[ on {resource}] eligible",
  ActiveAssignmentAdded:
    "{actor} assigned {role}[ on {resource}] to {self} | {actor} tried to assign {role}[ on {resource}] to {self}",
  ActiveAssignmentUpdated:
    "{actor} updated the active assignment of {self} to {role}[ on {resource}] | {actor} tried to update the active assignment of {self} to {role}[ on {resource}]",
  ActiveAssignmentRemoved:
    "{actor} removed the active assignment of {self} to {role}[ on {resource}] | {actor} tried to remove the active assignment of {self} to {role}[ on {resource}]",
  ActiveAssignmentExtended:
    "{actor} extended the active assignment of {self} to {role}[ on {resource}] | {actor} tried to extend the active assignment of {self} to {role}[ on {resource}]",
  ActiveAssignmentRenewed:
    "{actor} renewed the active assignment of {self} to {role}[ on {resource}] | {actor} tried to renew the active assignment of {self} to {role}[ on {resource}]",
  ActiveAssignmentExpired:
    "The active assignment[ of {target}] to {role}[ on {resource}] ended | The active assignment to {role} could not be ended",
} as const satisfies Partial<Record<AuditKind, string>>;
