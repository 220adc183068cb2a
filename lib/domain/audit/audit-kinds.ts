/** Every kind of event in the log by group, with the words that the log shows for it. */
const groups = {
  activations: {
    label: "Activations",
    kinds: {
      ActivationRequested: "Activation requested",
      ActivationAwaitsCode: "Activation approved, waits for a code",
      RoleActivated: "Role activated",
      ActivationExtensionRequested: "Extension of an activation requested",
      ActivationExtended: "Activation extended",
      RoleDeactivated: "Role deactivated",
      ActivationExpired: "Activation ended",
      ActivationRevoked: "Activation ended early",
    },
  },
  requests: {
    label: "Requests",
    kinds: {
      RequestApproved: "Request approved",
      RequestDenied: "Request denied",
      RequestCanceled: "Request canceled",
      RequestEscalated: "Request escalated",
      RequestReminded: "Deadline reminder",
      RequestTimedOut: "Request timed out",
      RequestRevoked: "Request revoked",
      RequestFailed: "Request failed",
      ExtensionRequested: "Extension requested",
      ExtensionApproved: "Extension approved",
      ExtensionDenied: "Extension denied",
      ExtensionCanceled: "Extension request canceled",
      RenewalRequested: "Renewal requested",
      RenewalApproved: "Renewal approved",
      RenewalDenied: "Renewal denied",
      RenewalCanceled: "Renewal request canceled",
    },
  },
  breakGlass: {
    label: "Break-glass",
    kinds: {
      BreakGlassUsed: "Request approved in an emergency by its member",
      BreakGlassReviewed: "Emergency activation reviewed",
    },
  },
  assignments: {
    label: "Assignments",
    kinds: {
      EligibleAssignmentAdded: "Eligible assignment added",
      EligibleAssignmentUpdated: "Eligible assignment updated",
      EligibleAssignmentRemoved: "Eligible assignment removed",
      EligibleAssignmentExtended: "Eligible assignment extended",
      EligibleAssignmentRenewed: "Eligible assignment renewed",
      EligibleAssignmentExpired: "Eligible assignment ended",
      EligibleAssignmentReplacedActive: "Active assignment made eligible",
      ActiveAssignmentAdded: "Active assignment added",
      ActiveAssignmentUpdated: "Active assignment updated",
      ActiveAssignmentRemoved: "Active assignment removed",
      ActiveAssignmentExtended: "Active assignment extended",
      ActiveAssignmentRenewed: "Active assignment renewed",
      ActiveAssignmentExpired: "Active assignment ended",
    },
  },
  settings: {
    label: "Settings",
    kinds: {
      RoleSettingsUpdated: "Role settings updated",
      RoleDefinitionCreated: "Custom role created",
      RoleDefinitionUpdated: "Custom role updated",
      RoleDefinitionDeleted: "Custom role deleted",
      ConflictRuleCreated: "Conflict rule created",
      ConflictRuleUpdated: "Conflict rule updated",
      ConflictRuleRemoved: "Conflict rule removed",
      ConflictExceptionRequested: "Exception from a conflict rule requested",
      ConflictExceptionApproved: "Exception from a conflict rule approved",
      ConflictExceptionDenied: "Exception from a conflict rule denied",
      ConflictExceptionWithdrawn: "Exception from a conflict rule withdrawn",
      ConflictExceptionRevoked: "Exception from a conflict rule revoked",
      ConflictExceptionExpired: "Exception from a conflict rule expired",
      ResourceCreated: "Resource created",
      ResourceUpdated: "Resource updated",
      ResourceMoved: "Resource moved",
      ResourceRetired: "Resource retired",
      ResourceRestored: "Retired resource restored",
      ResourceTypeAdded: "Type of resources added",
      ResourceTypeUpdated: "Type of resources updated",
      ResourceTypeRemoved: "Type of resources removed",
      OrganisationUpdated: "Organisation settings updated",
      SignInRulesUpdated: "Rules for signing in and factors updated",
      OwnerSetUp: "First Owner set up",
      MailTested: "Mail tested",
    },
  },
  signIn: {
    label: "Sign-in",
    kinds: {
      SignIn: "Signed in",
      SignInFailed: "Sign-in refused",
      SignInAwaitsFactor: "Password accepted, second factor asked for",
      SignInAttacked: "Passwords guessed at",
      OneTimePasswordUsed: "One-time password used",
      SignOut: "Signed out",
      ProvedAgain: "Identity proved again",
      SessionEnded: "Session ended",
      SessionsEndedByAdministrator: "Sessions ended by an administrator",
      PasswordChanged: "Password changed",
      SignInIssued: "Sign-in issued",
      IdentityLinkIssued: "Link to an identity provider issued",
      IdentityLinked: "Identity linked",
      IdentityUnlinked: "Identity unlinked",
      BreakGlassAccountNamed: "Break-glass account named",
      BreakGlassAccountRemoved: "Break-glass account taken off the list",
      BreakGlassSignIn: "Signed in with a break-glass account",
      BreakGlassSignInReviewed: "Use of a break-glass account reviewed",
    },
  },
  factors: {
    label: "Second factors",
    kinds: {
      StepUpSucceeded: "Second factor proved",
      StepUpFailed: "Second factor refused",
      StepUpRefused: "Confirmation refused",
      WrongCodesGathered: "Wrong codes gathered",
      FactorLocked: "Authenticator app locked",
      AuthenticatorEnrolled: "Authenticator app enrolled",
      AuthenticatorReplaced: "Authenticator app replaced",
      AuthenticatorRemoved: "Authenticator app removed",
      FactorPassIssued: "One-time pass for a factor made",
      FactorPassRevoked: "One-time pass for a factor revoked",
      AuthenticatorReset: "Second factors reset by an administrator",
      FactorResetAsked: "Reset of second factors asked for",
      FactorResetConfirmed: "Reset of second factors confirmed",
      FactorResetStopped: "Reset of second factors stopped",
      FactorResetWithdrawn: "Reset of second factors withdrawn",
      FactorResetLapsed: "Reset of second factors lapsed",
      RecoveryCodesReplaced: "Recovery codes replaced",
      PasskeyRegistered: "Passkey added",
      PasskeyRenamed: "Passkey renamed",
      PasskeyRemoved: "Passkey removed",
      PasskeyCounterBack: "Passkey refused: it may have been copied",
    },
  },
  people: {
    label: "People",
    kinds: {
      PrincipalCreated: "Person or group created",
      PrincipalUpdated: "Person or group updated",
      PrincipalDisabled: "Person or group disabled",
      PrincipalEnabled: "Person or group enabled",
      GroupMemberAdded: "Group member added",
      GroupMemberRemoved: "Group member removed",
      ManagerChanged: "Manager changed",
    },
  },
  directories: {
    label: "Directories",
    kinds: {
      DirectoryCreated: "Directory created",
      DirectoryTokenReplaced: "Token of a directory replaced",
      DirectoryTokenRevoked: "Token of a directory revoked",
      DirectoryEnded: "Directory removed",
      PrincipalHandedOver: "Person or group given to a directory",
      DirectoryRefused: "Directory refused",
      DirectoryTokenRefused: "Wrong token of a directory",
    },
  },
  reviews: {
    label: "Access reviews",
    kinds: {
      AccessReviewPlanned: "Access review planned",
      AccessReviewStarted: "Access review started",
      AccessReviewDecided: "Access review decision given",
      AccessReviewDecisionUndone: "Access review decision undone",
      AccessReviewDecisionReset: "Access review decision reset",
      AccessReviewHeld: "Access review waits for an administrator",
      AccessReviewTakenOver: "Access review taken over",
      AccessReviewUpdated: "Access review edited",
      AccessReviewReminded: "Reviewers reminded",
      AccessReviewRemindedByHand: "Reviewers reminded by an administrator",
      AccessReviewDeleted: "Planned access review deleted",
      AccessReviewEnded: "Access review ended",
      AccessReviewStopped: "Access review stopped",
      AccessReviewSeriesEnded: "Access review series ended",
      AccessReviewApplied: "Access review applied",
    },
  },
  alerts: {
    label: "Alerts",
    kinds: {
      AlertRaised: "Alert raised",
      AlertResolved: "Alert resolved",
      AlertDismissed: "Alert dismissed",
      AlertReopened: "Alert reopened",
      AlertSettingsUpdated: "Alert settings updated",
      AlertScanRequested: "Scan for alerts asked for",
    },
  },
  files: {
    label: "Imports, exports and backups",
    kinds: {
      ImportStaged: "Import read",
      ImportConfirmed: "Import confirmed",
      ImportApplied: "Import applied",
      ImportDiscarded: "Import discarded",
      ImportScheduleCreated: "Scheduled import created",
      ImportScheduleUpdated: "Scheduled import updated",
      ImportSchedulePaused: "Scheduled import paused",
      ImportScheduleDeleted: "Scheduled import deleted",
      ImportRunRequested: "Run of an import requested",
      ImportScheduleRan: "Scheduled import run",
      ExportStarted: "Export started",
      ExportEnded: "Export ended",
      ExportScheduleCreated: "Scheduled export created",
      ExportScheduleUpdated: "Scheduled export updated",
      ExportSchedulePaused: "Scheduled export paused",
      ExportScheduleResumed: "Scheduled export resumed",
      ExportScheduleDeleted: "Scheduled export deleted",
      ExportSendingRequested: "Sending of an export requested",
      DeliveryRetried: "Failed deliveries retried",
      BackupMade: "Backup made",
      BackupRestored: "Backup restored",
    },
  },
} as const;

type Groups = typeof groups;
export type AuditGroup = keyof Groups;
type KindsOf<Each> = Each extends { readonly kinds: infer Kinds } ? keyof Kinds : never;
export type AuditKind = KindsOf<Groups[AuditGroup]>;

/** The groups of kinds, in the order in which a filter shows them. */
export const auditGroups = Object.entries(groups).map(([name, { label, kinds }]) => ({
  name: name as AuditGroup,
  label,
  kinds: Object.keys(kinds) as AuditKind[],
}));

/** Every kind of event in the log, with the words that the log shows for it. */
export const auditKinds = Object.assign({}, ...Object.values(groups).map(({ kinds }) => kinds)) as Readonly<
  Record<AuditKind, string>
>;

export function isAuditKind(text: string): text is AuditKind {
  return Object.hasOwn(auditKinds, text);
}

/** What a filter of kinds asks for: kinds and groups, as an address names them, separated by commas. */
export function kindsNamed(text: string): AuditKind[] {
  const names = new Set(text.split(","));
  return auditGroups.flatMap((group) =>
    names.has(group.name) ? group.kinds : group.kinds.filter((kind) => names.has(kind)),
  );
}

/** The shortest text that names the same kinds: a group where all of its kinds are wanted. */
export function namesOfKinds(kinds: readonly AuditKind[]): string {
  const wanted = new Set(kinds);
  return auditGroups
    .flatMap((group) =>
      group.kinds.every((kind) => wanted.has(kind))
        ? [group.name]
        : group.kinds.filter((kind) => wanted.has(kind)),
    )
    .join(",");
}
