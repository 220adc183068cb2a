/*
 * Answers of the PIM API, as `az rest` writes them. Their shape is that of the examples in
 * Azure/azure-rest-api-specs (MIT), specification/authorization, version 2020-10-01.
 */

const type = (name: string) => `/providers/Microsoft.Authorization/${name}`;

/** What an instance of a schedule says: who has which role where. */
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
