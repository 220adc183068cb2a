import { accessSentences } from "@/lib/domain/audit/access-sentences";
import type { AuditKind } from "@/lib/domain/audit/audit-kinds";

/**
 * The sentence of each kind of event: what was done and, after the stroke, what was tried and refused.
 * `{…}` is a name, and `[…]` a part that is left out if its name is not known. `{self}` is the target,
 * or "themselves" for the actor; `{other}` is the target if it is not the actor.
 */
export const eventSentences: Readonly<Record<AuditKind, string>> = {
  ...accessSentences,
  RoleSettingsUpdated:
    "{actor} changed the role settings of {role}[ on {resource}] | {actor} tried to change the role settings of {role}[ on {resource}]",
  RoleDefinitionCreated: "{actor} created the role {role} | {actor} tried to create the role {role}",
  RoleDefinitionUpdated: "{actor} changed the role {role} | {actor} tried to change the role {role}",
  RoleDefinitionDeleted: "{actor} deleted the role {role} | {actor} tried to delete the role {role}",
  ConflictRuleCreated:
    "{actor} created the conflict rule[ {rule}][ on {resource}] | {actor} tried to create the conflict rule[ {rule}][ on {resource}]",
  ConflictRuleUpdated:
    "{actor} changed the conflict rule[ {rule}][ on {resource}] | {actor} tried to change the conflict rule[ {rule}][ on {resource}]",
  ConflictRuleRemoved:
    "{actor} removed the conflict rule[ {rule}][ on {resource}] | {actor} tried to remove the conflict rule[ {rule}][ on {resource}]",
  ConflictExceptionRequested:
    "{actor} requested an exception[ for {target}] from the conflict rule[ {rule}][ on {resource}] | {actor} tried to request an exception[ for {target}] from the conflict rule[ {rule}][ on {resource}]",
  ConflictExceptionApproved:
    "{actor} approved the exception[ for {target}] from the conflict rule[ {rule}][ on {resource}] | {actor} tried to approve the exception[ for {target}] from the conflict rule[ {rule}][ on {resource}]",
  ConflictExceptionDenied:
    "{actor} denied the exception[ for {target}] from the conflict rule[ {rule}][ on {resource}] | {actor} tried to deny the exception[ for {target}] from the conflict rule[ {rule}][ on {resource}]",
  ConflictExceptionWithdrawn:
    "{actor} withdrew the exception[ for {target}] from the conflict rule[ {rule}][ on {resource}] | {actor} tried to withdraw the exception[ for {target}] from the conflict rule[ {rule}][ on {resource}]",
  ConflictExceptionRevoked:
    "{actor} revoked the exception[ for {target}] from the conflict rule[ {rule}][ on {resource}] | {actor} tried to revoke the exception[ for {target}] from the conflict rule[ {rule}][ on {resource}]",
  ConflictExceptionExpired:
    "The exception[ for {target}] from the conflict rule[ {rule}][ on {resource}] ended | The exception from the conflict rule[ {rule}] could not be ended",
  ResourceCreated:
    "{actor} created the resource[ {resource}] | {actor} tried to create a resource[ at {resource}]",
  ResourceUpdated:
    "{actor} renamed the resource[ {resource}] | {actor} tried to rename the resource[ {resource}]",
  ResourceMoved:
    "{actor} moved the resource[ {resource}][ below {parent}] | {actor} tried to move the resource[ {resource}]",
  ResourceRetired:
    "{actor} retired the resource[ {resource}] | {actor} tried to retire the resource[ {resource}]",
  ResourceRestored:
    "{actor} restored the retired resource[ {resource}] | {actor} tried to restore the retired resource[ {resource}]",
  ResourceTypeAdded:
    "{actor} added the type of resources[ {type}] | {actor} tried to add a type of resources[ {type}]",
  ResourceTypeUpdated:
    "{actor} changed the type of resources[ {type}] | {actor} tried to change a type of resources[ {type}]",
  ResourceTypeRemoved:
    "{actor} removed the type of resources[ {type}] | {actor} tried to remove a type of resources[ {type}]",
  OrganisationUpdated:
    "{actor} changed the organisation's settings | {actor} tried to change the organisation's settings",
  SignInRulesUpdated:
    "{actor} changed the rules for signing in and factors | {actor} tried to change the rules for signing in and factors",
  MailTested:
    "{actor} sent a test mail, which the mail server accepted | {actor} sent a test mail that was not accepted",
  OwnerSetUp:
    "{target} was set up as the first Owner[ by {operator}] | Setting up the first Owner was refused",
  SignIn: "{actor} signed in[ through {provider}] | {actor} tried to sign in[ through {provider}]",
  SignInAwaitsFactor:
    "{actor} entered the right password and was asked for a second factor | {actor} entered the right password and was asked for a second factor",
  SignInFailed:
    "A sign-in[ as {known}][ through {provider}] was refused | A sign-in[ as {known}][ through {provider}] was refused",
  SignInAttacked: "Somebody guessed at passwords[ of {known}] | Somebody guessed at passwords[ of {known}]",
  OneTimePasswordUsed: "{actor} used a one-time password | {actor} tried to use a one-time password",
  SignOut: "{actor} signed out | {actor} tried to sign out",
  ProvedAgain: "{actor} proved their identity again | {actor} tried to prove their identity again",
  SessionEnded: "{actor} ended a session[ of {other}] | {actor} tried to end a session[ of {other}]",
  SessionsEndedByAdministrator:
    "{actor} ended sessions[ of {target}] | {actor} tried to end sessions[ of {target}]",
  PasswordChanged: "{actor} changed their password | {actor} tried to change their password",
  IdentityLinkIssued:
    "{actor} allowed {self} to link[ {provider}] | {actor} tried to allow a link[ of {target}][ to {provider}]",
  IdentityLinked: "{self} is linked to[ {provider}] | An identity[ at {provider}] could not be linked",
  IdentityUnlinked:
    "{actor} unlinked[ {provider}][ from {other}] | {actor} tried to unlink[ {provider}][ from {other}]",
  BreakGlassAccountNamed:
    "{actor} made {self} a break-glass account | {actor} tried to make {self} a break-glass account",
  BreakGlassAccountRemoved:
    "{actor} took {self} off the list of break-glass accounts | {actor} tried to take {self} off the list of break-glass accounts",
  BreakGlassSignIn:
    "{actor} signed in with a break-glass account | {actor} tried to sign in with a break-glass account",
  BreakGlassSignInReviewed:
    "{actor} reviewed a use of the break-glass account[ of {target}] | {actor} tried to review a use of a break-glass account[ of {target}]",
  SignInIssued: "{actor} issued a sign-in to {self} | {actor} tried to issue a sign-in to {self}",
  StepUpSucceeded: "{actor} proved their second factor | {actor} tried to prove their second factor",
  StepUpFailed:
    "{actor} used a code or passkey that was refused | {actor} used a code or passkey that was refused",
  StepUpRefused: "{actor} was refused a confirmation | {actor} was refused a confirmation",
  WrongCodesGathered: "Wrong codes[ of {known}] piled up | Wrong codes[ of {known}] piled up",
  FactorLocked:
    "The authenticator app[ of {known}] was locked | The authenticator app[ of {known}] was locked",
  AuthenticatorEnrolled: "{actor} set up an authenticator app | {actor} tried to set up an authenticator app",
  AuthenticatorReplaced:
    "{actor} replaced their authenticator app | {actor} tried to replace their authenticator app",
  AuthenticatorRemoved:
    "{actor} removed their authenticator app | {actor} tried to remove their authenticator app",
  FactorPassIssued:
    "{actor} made a one-time pass for a factor of {self} | {actor} tried to make a one-time pass for {self}",
  FactorPassRevoked:
    "{actor} revoked the one-time pass of {self} | {actor} tried to revoke the one-time pass of {self}",
  AuthenticatorReset:
    "{actor} reset the second factors of {self} | {actor} tried to reset the second factors of {self}",
  FactorResetAsked:
    "{actor} asked for a reset of the second factors of {self} | {actor} tried to ask for a reset of the second factors of {self}",
  FactorResetConfirmed:
    "{actor} confirmed the reset of the second factors of {self} | {actor} tried to confirm the reset of the second factors of {self}",
  FactorResetStopped:
    "{actor} stopped the reset of their second factors | {actor} tried to stop the reset of their second factors",
  FactorResetWithdrawn:
    "{actor} withdrew the reset of the second factors of {self} | {actor} tried to withdraw the reset of the second factors of {self}",
  FactorResetLapsed:
    "The reset of the second factors of {self} lapsed | The reset of the second factors of {self} lapsed",
  RecoveryCodesReplaced:
    "{actor} replaced their recovery codes | {actor} tried to replace their recovery codes",
  PasskeyRegistered: "{actor} added the passkey {passkey} | {actor} tried to add a passkey",
  PasskeyRenamed: "{actor} renamed the passkey {passkey} | {actor} tried to rename a passkey",
  PasskeyRemoved: "{actor} removed the passkey {passkey} | {actor} tried to remove a passkey",
  PasskeyCounterBack:
    "The passkey[ {passkey}][ of {known}] was refused, since it may have been copied | The passkey[ {passkey}][ of {known}] was refused, since it may have been copied",
  PrincipalCreated: "{actor} created[ {target}] | {actor} tried to create[ {target}]",
  PrincipalUpdated: "{actor} changed {self} | {actor} tried to change {self}",
  PrincipalDisabled: "{actor} disabled {self} | {actor} tried to disable {self}",
  PrincipalEnabled: "{actor} enabled {self} | {actor} tried to enable {self}",
  GroupMemberAdded: "{actor} added {self} to {group} | {actor} tried to add {self} to {group}",
  GroupMemberRemoved: "{actor} removed {self} from {group} | {actor} tried to remove {self} from {group}",
  ManagerChanged: "{actor} changed the manager of {self} | {actor} tried to change the manager of {self}",
  DirectoryCreated:
    "{actor} created the directory[ {directory}] | {actor} tried to create the directory[ {directory}]",
  DirectoryTokenReplaced:
    "{actor} replaced the token of the directory[ {directory}] | {actor} tried to replace the token of a directory[ {directory}]",
  DirectoryTokenRevoked:
    "{actor} revoked the token of the directory[ {directory}] | {actor} tried to revoke the token of a directory[ {directory}]",
  DirectoryEnded:
    "{actor} removed the directory[ {directory}] | {actor} tried to remove a directory[ {directory}]",
  PrincipalHandedOver:
    "{actor} changed the directory of {self}[ to {directory}] | {actor} tried to change the directory of {self}[ to {directory}]",
  DirectoryRefused:
    "{actor} asked for something that was refused | {actor} asked for something that was refused",
  DirectoryTokenRefused:
    "A wrong token of a directory was refused | A wrong token of a directory was refused",
  AccessReviewPlanned:
    "{actor} planned the access review[ {review}][ on {resource}] | {actor} tried to plan an access review[ on {resource}]",
  AccessReviewStarted:
    "{actor} started the access review[ {review}][ on {resource}] | {actor} tried to start an access review[ on {resource}]",
  AccessReviewDecided:
    "{actor} decided on the access of {self} to {role}[ on {resource}] | {actor} tried to decide in the access review[ {review}]",
  AccessReviewDecisionUndone:
    "{actor} took back a decision on the access of {self} to {role}[ on {resource}] | {actor} tried to take back a decision in the access review[ {review}]",
  AccessReviewDecisionReset:
    "{actor} reset a decision on the access of {self} to {role}[ on {resource}] | {actor} tried to reset decisions of the access review[ {review}]",
  AccessReviewUpdated:
    "{actor} edited the access review[ {review}][ on {resource}] | {actor} tried to edit the access review[ {review}]",
  AccessReviewRemindedByHand:
    "{actor} reminded the reviewers of the access review[ {review}] | {actor} tried to remind the reviewers of the access review[ {review}]",
  AccessReviewDeleted:
    "{actor} deleted the planned access review[ {review}][ on {resource}] | {actor} tried to delete the access review[ {review}]",
  AccessReviewHeld:
    "The access review[ {review}][ on {resource}] waits for an administrator | The access review[ {review}] waits for an administrator",
  AccessReviewTakenOver:
    "{actor} took over the access review[ {review}] | {actor} tried to take over the access review[ {review}]",
  AccessReviewReminded:
    "Reviewers were reminded of the access review[ {review}] | Reviewers could not be reminded of the access review[ {review}]",
  AccessReviewEnded:
    "The access review[ {review}][ on {resource}] ended | {actor} tried to end the access review[ {review}]",
  AccessReviewStopped:
    "{actor} stopped the access review[ {review}] | {actor} tried to stop the access review[ {review}]",
  AccessReviewSeriesEnded:
    "{actor} ended the series of the access review[ {review}] | {actor} tried to end the series of the access review[ {review}]",
  AccessReviewApplied:
    "{actor} applied the access review[ {review}] | {actor} tried to apply the access review[ {review}]",
  AlertRaised:
    "The alert[ {alert}] was raised[ about {target}][ on {resource}] | The alert[ {alert}] could not be raised",
  AlertResolved:
    "The alert[ {alert}][ about {target}][ on {resource}] was resolved | The alert[ {alert}] could not be resolved",
  AlertDismissed:
    "{actor} dismissed the alert[ {alert}][ about {target}][ on {resource}] | {actor} tried to dismiss the alert[ {alert}]",
  AlertReopened:
    "{actor} reopened the alert[ {alert}][ about {target}][ on {resource}] | {actor} tried to reopen the alert[ {alert}]",
  AlertSettingsUpdated:
    "{actor} changed the alert settings[ of {resource}] | {actor} tried to change the alert settings[ of {resource}]",
  AlertScanRequested: "{actor} asked for a scan for alerts | {actor} tried to ask for a scan for alerts",
  ImportStaged: "{actor} uploaded[ {file}] for an import | {actor} tried to upload[ {file}] for an import",
  ImportConfirmed:
    "{actor} confirmed the import[ of {file}] | {actor} tried to confirm the import[ of {file}]",
  ImportApplied:
    "The import[ of {file}] was applied[ for {actor}] | The import[ of {file}] could not be applied",
  ImportDiscarded:
    "{actor} discarded the import[ of {file}] | {actor} tried to discard the import[ of {file}]",
  ImportScheduleCreated:
    "{actor} scheduled the import[ {file}] | {actor} tried to schedule the import[ {file}]",
  ImportScheduleUpdated:
    "{actor} changed the scheduled import[ {file}] | {actor} tried to change the scheduled import[ {file}]",
  ImportSchedulePaused:
    "{actor} paused the scheduled import[ {file}] | {actor} tried to pause the scheduled import[ {file}]",
  ImportScheduleDeleted:
    "{actor} deleted the scheduled import[ {file}] | {actor} tried to delete the scheduled import[ {file}]",
  ImportRunRequested:
    "{actor} asked the scheduled import[ {file}] to run | {actor} tried to ask the scheduled import[ {file}] to run",
  ImportScheduleRan: "The scheduled import[ {file}] ran[ for {actor}] | The scheduled import[ {file}] failed",
  ExportStarted: "{actor} started an export[ of {list}] | {actor} tried to export[ {list}]",
  ExportEnded:
    "The export[ of {list}][ by {actor}] ended | The export[ of {list}][ by {actor}] was interrupted",
  ExportScheduleCreated:
    "{actor} scheduled an export[ of {list}][ on {resource}] | {actor} tried to schedule an export[ of {list}][ on {resource}]",
  ExportScheduleUpdated:
    "{actor} changed the scheduled export[ of {list}][ on {resource}] | {actor} tried to change the scheduled export[ of {list}][ on {resource}]",
  ExportSchedulePaused:
    "{actor} paused the scheduled export[ of {list}][ on {resource}] | {actor} tried to pause the scheduled export[ of {list}][ on {resource}]",
  ExportScheduleResumed:
    "{actor} resumed the scheduled export[ of {list}][ on {resource}] | {actor} tried to resume the scheduled export[ of {list}][ on {resource}]",
  ExportScheduleDeleted:
    "{actor} deleted the scheduled export[ of {list}][ on {resource}] | {actor} tried to delete the scheduled export[ of {list}][ on {resource}]",
  ExportSendingRequested:
    "{actor} sent the scheduled export[ of {list}][ on {resource}] | {actor} tried to send the scheduled export[ of {list}][ on {resource}]",
  DeliveryRetried: "{actor} retried failed deliveries | {actor} tried to retry failed deliveries",
  BackupMade: "A backup of everything was made | A backup could not be made",
  BackupRestored:
    "Everything was restored from a backup[ of {moment}] | A backup[ of {moment}] could not be restored",
};
