import { randomUUID } from "node:crypto";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";

/**
 * Every operation that differs from this one in a single part: another role, scope or principal, one more or one fewer,
 * another time or duration. A proof made for any of them must not work for this one.
 */
export function nearMisses(operation: ProtectedOperation): ProtectedOperation[] {
  const { kind, ...parts } = operation;
  return changedOnce(parts).map(
    (changed): ProtectedOperation => JSON.parse(JSON.stringify({ kind, ...changed })),
  );
}

const kinds = Object.keys({
  ActivateRole: true,
  ActivateRoles: true,
  ExtendActivation: true,
  AssignRole: true,
  UpdateAssignment: true,
  ExtendAssignment: true,
  RenewAssignment: true,
  ExtendAssignments: true,
  RenewAssignments: true,
  MakeEligible: true,
  AssignRoles: true,
  ApproveExtension: true,
  ApproveExtensions: true,
  UpdateRoleSettings: true,
  UpdateSettingsOfRoles: true,
  AddGroupMembers: true,
  ApplyImport: true,
  SaveImportSchedule: true,
  UpdateRoleDefinition: true,
  UpdateConflictRule: true,
  RemoveConflictRule: true,
  ApproveConflictException: true,
  ChangeIdentifiers: true,
  SetManager: true,
  EnablePrincipal: true,
  IssueSignIn: true,
  ResetAuthenticator: true,
  ConfirmFactorReset: true,
  IssueFactorPass: true,
  DecideRequests: true,
  ProvisionRequest: true,
  BreakGlass: true,
  MoveResource: true,
  RetireResource: true,
  UndoRetirement: true,
  UpdateOrganisation: true,
  UpdateSignInRules: true,
  CreateDirectory: true,
  ReplaceDirectoryToken: true,
  HandOverPrincipal: true,
  UpdateAlertSettings: true,
  ReplaceAuthenticator: true,
  RemoveAuthenticator: true,
  ReplaceRecoveryCodes: true,
  RegisterPasskey: true,
  ManageSessions: true,
  RemovePasskey: true,
  LinkIdentity: true,
  UnlinkIdentity: true,
  NameBreakGlassAccount: true,
  RemoveBreakGlassAccount: true,
} satisfies Record<ProtectedOperation["kind"], true>);

/** Every kind of operation for which a proof can be made. */
export const protectedKinds: readonly string[] = kinds;

const noneOf = {
  items: [],
  rows: [],
  principalIds: [],
  memberIds: [],
  requestIds: [],
  requests: [],
  alerts: [],
  roleDefinitionIds: [],
  roles: [],
};

/** The same parts under every other kind that has them. */
export function otherKinds(operation: ProtectedOperation): ProtectedOperation[] {
  return kinds
    .filter((kind) => kind !== operation.kind)
    .map((kind): ProtectedOperation => JSON.parse(JSON.stringify({ ...noneOf, ...operation, kind })));
}

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

function changedOnce(value: object): { [name: string]: Json }[] {
  const json: { [name: string]: Json } = JSON.parse(JSON.stringify(value));
  return Object.entries(json).flatMap(([name, part]) =>
    otherThan(part).map((changed) => ({ ...json, [name]: changed })),
  );
}

function otherThan(value: Json): Json[] {
  if (value === null) return ["2026-06-01T00:00:00.000Z"];
  if (typeof value === "boolean") return [!value];
  if (typeof value === "number") return [value + 30, value - 1];
  if (typeof value === "string") return otherText(value);
  if (!Array.isArray(value)) return changedOnce(value);
  const shorter = value.map((_, index) => value.filter((_part, place) => place !== index));
  const changed = value.flatMap((part, index) =>
    otherThan(part).map((other) => value.map((each, place) => (place === index ? other : each))),
  );
  return [...shorter, ...changed, [...value, value[0] ?? randomUUID()], [...value, randomUUID()]];
}

function otherText(value: string): Json[] {
  if (value === "Eligible" || value === "Active") return [value === "Active" ? "Eligible" : "Active"];
  if (/^\d{4}-\d\d-\d\dT/.test(value)) {
    const moved = (minutes: number) => new Date(Date.parse(value) + minutes * 60_000).toISOString();
    return [moved(-1), moved(60), null];
  }
  return /^[0-9a-f-]{36}$/.test(value) ? [randomUUID()] : [`${value}x`];
}
