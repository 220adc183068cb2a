import type { RoleSettings } from "@/lib/domain/role-settings";

/**
 * An operation that may need a step-up, with everything a proof is bound to (design section 2, rule 2). Times are
 * ISO 8601 in UTC; `null` as a start means at once, as an end permanently.
 */
export type ProtectedOperation =
  | {
      readonly kind: "ActivateRole";
      readonly eligibilityId: string;
      readonly resourceId: string;
      readonly startsAt: string | null;
      readonly durationMinutes: number;
    }
  | {
      readonly kind: "AssignRole";
      readonly roleDefinitionId: string;
      readonly resourceId: string;
      readonly principalIds: readonly string[];
      readonly startsAt: string | null;
      readonly endsAt: string | null;
    }
  | {
      readonly kind: "UpdateAssignment";
      readonly assignmentId: string;
      readonly startsAt: string | null;
      readonly endsAt: string | null;
    }
  | {
      readonly kind: "UpdateRoleSettings";
      readonly roleDefinitionId: string;
      readonly resourceId: string;
      readonly expectedVersion: number;
      readonly settings: RoleSettings;
    }
  /** Operations on one's own factors: replace or remove the authenticator app, make new recovery codes. */
  | { readonly kind: "ReplaceAuthenticator" | "RemoveAuthenticator" | "ReplaceRecoveryCodes" };

/** The same text for the same operation, whatever order its parts were given in; what the digest is taken of. */
export function canonicalOperation(operation: ProtectedOperation): string {
  const normal =
    operation.kind === "AssignRole"
      ? { ...operation, principalIds: [...operation.principalIds].sort() }
      : operation;
  return JSON.stringify(normal, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
      : value,
  );
}
