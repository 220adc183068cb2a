/*
 * Answers of the PIM API, as `az rest` writes them. Their shape is that of the examples in
 * Azure/azure-rest-api-specs (MIT), specification/authorization, version 2020-10-01.
 */

const type = (name: string) => `/providers/Microsoft.Authorization/${name}`;

/** What an instance of a schedule contains: who has which role where. */
export interface Instance {
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly scope: string;
  readonly endDateTime?: string | null;
  readonly [more: string]: unknown;
}

function instance(kind: string, { roleDefinitionId, scope, ...more }: Instance) {
  const at = scope === "/" ? "" : scope;
  return {
    properties: {
      scope,
      roleDefinitionId: `${at}${type("roleDefinitions")}/${roleDefinitionId}`,
      principalType: "User",
      status: "Provisioned",
      startDateTime: "2020-09-10T00:32:36.86Z",
      endDateTime: null,
      memberType: "Direct",
      createdOn: "2020-09-10T00:32:36.86Z",
      ...more,
      expandedProperties: {
        scope: { id: scope, displayName: "Pay-As-You-Go", type: "subscription" },
        roleDefinition: { id: roleDefinitionId, displayName: "Contributor", type: "BuiltInRole" },
        principal: { id: more.principalId, displayName: "User Account", email: null, type: "User" },
      },
    },
    name: "21e4b59a-0499-4fe0-a3c3-43a3055b773a",
    id: `${at}${type(kind)}/21e4b59a-0499-4fe0-a3c3-43a3055b773a`,
    type: `Microsoft.Authorization/${kind}`,
  };
}

/** An answer with its entries in `value`. */
export const answer = (value: readonly object[], nextLink: string | null = null) => ({ value, nextLink });

export const eligibilityInstance = (of: Instance) => instance("RoleEligibilityScheduleInstances", of);
export const assignmentInstance = (of: Instance) =>
  instance("RoleAssignmentScheduleInstances", { assignmentType: "Assigned", ...of });

/** The rules of a role at a scope, with the names that PIM stores beside them. */
export function policyAssignment(
  { roleDefinitionId, scope }: Pick<Instance, "roleDefinitionId" | "scope">,
  effectiveRules: readonly object[],
) {
  const at = scope === "/" ? "" : scope;
  return {
    properties: {
      scope,
      roleDefinitionId: `${at}${type("roleDefinitions")}/${roleDefinitionId}`,
      policyId: `${at}${type("roleManagementPolicies")}/b959d571-f0b5-4042-88a7-01be6cb22db9`,
      effectiveRules,
      policyAssignmentProperties: {
        scope: { id: scope, displayName: "Pay-As-You-Go", type: "subscription" },
        roleDefinition: { id: roleDefinitionId, displayName: "FHIR Data Converter", type: "BuiltInRole" },
      },
    },
    name: `b959d571-f0b5-4042-88a7-01be6cb22db9_${roleDefinitionId}`,
    id: `${at}${type("roleManagementPolicyAssignment")}/b959d571-f0b5-4042-88a7-01be6cb22db9_${roleDefinitionId}`,
    type: "Microsoft.Authorization/RoleManagementPolicyAssignment",
  };
}

/** What a rule is about, which its id says as well. */
const target = (caller: string, level: string) => ({
  caller,
  operations: ["All"],
  level,
  targetObjects: null,
});

/** The rules of the official example, with these approvers. */
export const exampleRules = (approvers: readonly string[]) => [
  ...(["Admin_Eligibility", "Admin_Assignment", "EndUser_Assignment"] as const).flatMap((event) =>
    (["Admin", "Requestor", "Approver"] as const).map((recipientType) => ({
      ...{ notificationType: "Email", recipientType, notificationLevel: "Critical" },
      isDefaultRecipientsEnabled: false,
      notificationRecipients: [`${recipientType}_${event}@contoso.example`.toLowerCase()],
      id: `Notification_${recipientType}_${event}`,
      ruleType: "RoleManagementPolicyNotificationRule",
      target: target(event.split("_")[0] ?? "", event.split("_")[1] ?? ""),
    })),
  ),
  { enabledRules: [], id: "Enablement_Admin_Eligibility", target: target("Admin", "Eligibility") },
  {
    ...{ isExpirationRequired: true, maximumDuration: "P90D", exceptionMembers: null },
    id: "Expiration_Admin_Eligibility",
  },
  {
    enabledRules: ["MultiFactorAuthentication", "Justification"],
    id: "Enablement_Admin_Assignment",
  },
  { isExpirationRequired: false, maximumDuration: "P90D", id: "Expiration_Admin_Assignment" },
  {
    setting: {
      isApprovalRequired: true,
      isApprovalRequiredForExtension: false,
      isRequestorJustificationRequired: true,
      approvalMode: "SingleStage",
      approvalStages: [
        {
          approvalStageTimeOutInDays: 1,
          isApproverJustificationRequired: true,
          escalationTimeInMinutes: 0,
          primaryApprovers: approvers.map((id) => ({
            id,
            description: "group",
            isBackup: false,
            userType: "Group",
          })),
          isEscalationEnabled: false,
          escalationApprovers: null,
        },
      ],
    },
    id: "Approval_EndUser_Assignment",
  },
  { isEnabled: false, claimValue: "", id: "AuthenticationContext_EndUser_Assignment" },
  {
    enabledRules: ["MultiFactorAuthentication", "Justification", "Ticketing"],
    id: "Enablement_EndUser_Assignment",
  },
  { isExpirationRequired: true, maximumDuration: "PT7H", id: "Expiration_EndUser_Assignment" },
];
