import { roleKnownAt } from "@/lib/authority/authority";
import { spendProof } from "@/lib/authority/spend-proof";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { action } from "@/lib/domain/roles/permissions";
import { mostRolesAtOnce, type RoleChange } from "@/lib/domain/roles/role-change";
import { inList, isolated } from "@/lib/domain/text/visible-text";
import { editSettingsOfRolesAlone, lockPoliciesOfRoles } from "@/lib/operations/gate/lock-policy";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import {
  faultsOfSettings,
  type SavedSettings,
  type SettingsEdit,
  saveRoleSettingsIn,
} from "@/lib/operations/roles/save-role-settings";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";

export interface UpdateSettingsOfRolesInput {
  readonly resourceId: string;
  /** At most `mostRolesAtOnce`, each once. */
  readonly roles: readonly RoleChange[];
  readonly proofId: string | null;
}

/** The result of an edit of several roles' settings. */
export interface SettingsOfRolesSaved {
  readonly saved: readonly SavedSettings[];
  /** The names of roles that had these settings already. */
  readonly unchanged: readonly string[];
}

/** The operation that one code confirms: every role with its version and all that changes. */
export function updateSettingsOfRolesOperation(
  input: Pick<UpdateSettingsOfRolesInput, "resourceId" | "roles">,
): ProtectedOperation {
  const { resourceId, roles } = input;
  return { kind: "UpdateSettingsOfRoles", resourceId, roles };
}

/**
 * Saves the settings of several roles at one resource in one edit, all or none. Each is judged as
 * `updateRoleSettings` judges one. A single proof serves all if any edit weakens protection. If
 * somebody else saved any of them meanwhile, nothing is saved, and the answer names these roles and the
 * person. Roles for which nothing changes stay as they are.
 */
export function updateSettingsOfRoles(
  database: Database,
  caller: Caller,
  input: UpdateSettingsOfRolesInput,
): Promise<OperationResult<SettingsOfRolesSaved>> {
  const { resourceId, roles, proofId } = input;
  // The versions of as many roles as may be edited at once, each with its changes in one line.
  const requested = roles
    .slice(0, mostRolesAtOnce)
    .map(({ roleDefinitionId, expectedVersion, changes }) =>
      JSON.stringify({ roleDefinitionId, expectedVersion, ...changes }),
    );
  const attempt = { kind: "RoleSettingsUpdated" as const, caller, details: { requested } };
  return runOperation(database, attempt, async (transaction) => {
    const resource = await transaction.resource.findUnique({ where: { id: resourceId } });
    if (!resource) throw new Refusal(notFound, attempt);
    const entry = { ...attempt, resource };
    await requirePermission(transaction, caller, action.writeRoleSettings, resource, entry);
    const fault = faultOf(roles);
    if (fault !== null)
      throw new Refusal({ code: "InvalidInput", faults: [{ field: "roles", message: fault }] }, entry);
    await editSettingsOfRolesAlone(transaction);
    const known = await lockRoles(
      transaction,
      roles.map(({ roleDefinitionId }) => roleDefinitionId),
      resource.id,
    );
    if (known.length < roles.length) throw new Refusal(notFound, attempt);

    const policyOf = await lockPoliciesOfRoles(
      transaction,
      known.map(({ id }) => id),
      resource.id,
    );
    const changeOf = new Map(roles.map((each) => [each.roleDefinitionId, each]));
    const edits = known.flatMap((role) => {
      const change = changeOf.get(role.id);
      const policy = policyOf(role.id);
      if (!change) return [];
      return [{ role, policy, change, settings: { ...policy.settings, ...change.changes } }];
    });
    const stale = edits.filter(({ policy, change }) => policy.version !== change.expectedVersion);
    if (stale.length > 0) {
      const message = await staleInWords(transaction, stale);
      throw new Refusal({ code: "StaleEdit", message }, logged(entry, stale));
    }
    await refuseFaults(transaction, edits, entry);
    const operation = updateSettingsOfRolesOperation(input);
    const saved = await saveRoleSettingsIn(
      transaction,
      caller,
      resource,
      edits,
      () => spendProof(transaction, caller, proofId, operation),
      entry,
    );
    const changed = new Set(saved.map(({ role }) => role.id));
    return { saved, unchanged: known.flatMap(({ id, roleName }) => (changed.has(id) ? [] : [roleName])) };
  });
}

function faultOf(roles: readonly RoleChange[]): string | null {
  if (roles.length === 0) return "Choose at least one role.";
  if (roles.length > mostRolesAtOnce) return `Choose at most ${mostRolesAtOnce} roles.`;
  const ids = new Set(roles.map(({ roleDefinitionId }) => roleDefinitionId));
  return ids.size < roles.length ? "Choose each role once." : null;
}

/** The roles that are known at a resource, by name. Locks them: none is edited or deleted until the transaction ends. */
async function lockRoles(
  transaction: Transaction,
  ids: readonly string[],
  resourceId: string,
): Promise<{ id: string; roleName: string }[]> {
  const roles = await transaction.$queryRaw<{ id: string; roleName: string }[]>`
    SELECT d.id, d.role_name AS "roleName" FROM role_definitions d
    WHERE d.id = ANY (${[...ids]}::uuid[]) AND d.deleted_at IS NULL AND ${roleKnownAt("d", resourceId)}
    ORDER BY d.id FOR KEY SHARE OF d`;
  return roles.sort((left, right) => left.roleName.localeCompare(right.roleName, "en"));
}

/** Refuses a change that would make invalid settings. Each fault names its role. */
async function refuseFaults(
  transaction: Transaction,
  edits: readonly SettingsEdit[],
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const found = await faultsOfSettings(
    transaction,
    edits.map(({ settings }) => settings),
  );
  const faults = edits.flatMap(({ role }, index) =>
    (found[index] ?? []).map(({ field, message }) => ({
      field,
      message: `${isolated(role.roleName)}: ${message}`,
    })),
  );
  if (faults.length > 0) throw new Refusal({ code: "InvalidSettings", faults }, entry);
}

/** How many roles a sentence names at most. */
const namedAtMost = 5;

async function staleInWords(transaction: Transaction, stale: readonly SettingsEdit[]): Promise<string> {
  const rows = await transaction.roleManagementPolicy.findMany({
    where: { id: { in: stale.map(({ policy }) => policy.id) } },
    select: { id: true, updatedBy: { select: { displayName: true } } },
    take: stale.length,
  });
  const editorOf = new Map(rows.map(({ id, updatedBy }) => [id, updatedBy?.displayName]));
  const named = stale.slice(0, namedAtMost).map(({ role, policy }) => {
    const editor = editorOf.get(policy.id);
    return `${isolated(role.roleName)} (by ${editor ? isolated(editor) : "somebody"})`;
  });
  const more = stale.length - named.length;
  const list = inList([...named, ...(more > 0 ? [`${more} more`] : [])]);
  return `The role settings of ${list} were saved in the meantime, so nothing was saved here. Replay the change to see it against theirs.`;
}

/** The refused attempt, with the roles that caused the refusal. */
function logged(
  entry: Omit<AuditEntry, "outcome">,
  stale: readonly SettingsEdit[],
): Omit<AuditEntry, "outcome"> {
  const names = stale.map(({ role }) => role.roleName);
  return { ...entry, details: { ...entry.details, staleRoles: names } };
}
