import { byEligibility } from "@/lib/domain/gate/activations-together";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";

const byId = (left: { readonly id: string }, right: { readonly id: string }) => (left.id < right.id ? -1 : 1);

/** The canonical text of an operation, independent of the order of its parts. Its digest is computed from it. */
export function canonicalOperation(operation: ProtectedOperation): string {
  return sortedJson(normalised(operation));
}

/** JSON with the names of every object in order. */
export function sortedJson(given: unknown): string {
  return JSON.stringify(given, (_key, value: unknown) =>
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
    case "UpdateSettingsOfRoles":
      return {
        ...operation,
        roles: [...operation.roles].sort((a, b) => (a.roleDefinitionId < b.roleDefinitionId ? -1 : 1)),
      };
    case "AddGroupMembers":
      return { ...operation, memberIds: [...operation.memberIds].sort() };
    case "UpdateAlertSettings":
      return { ...operation, alerts: [...operation.alerts].sort((a, b) => (a.alert < b.alert ? -1 : 1)) };
    case "DecideRequests":
      return { ...operation, requestIds: [...operation.requestIds].sort() };
    case "ExtendAssignments":
      return { ...operation, rows: [...operation.rows].sort(byId) };
    case "ApproveExtensions":
      return { ...operation, requests: [...operation.requests].sort(byId) };
    case "MakeEligible":
      return { ...operation, rows: [...operation.rows].sort(byId) };
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
