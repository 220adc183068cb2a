import { isDecisionRight, type Privilege, privilegesInWords } from "@/lib/domain/gate/privileges";
import { conflictMessage } from "@/lib/domain/roles/conflict-rule";
import { DirectoryRefusal, type Drift } from "@/lib/operations/directories/directory-operation";
import { grantRequirements } from "@/lib/operations/gate/grant-access";
import { lockDirectPolicies } from "@/lib/operations/gate/lock-direct-policies";
import type { Refusal } from "@/lib/operations/gate/refusal";
import { conflictsOf } from "@/lib/operations/gate/refuse-conflicts";
import type { Transaction } from "@/lib/platform/database";
import type { Joining } from "@/lib/platform/role-conflicts";

type Entry = NonNullable<Refusal["entry"]>;

/**
 * What of these privileges a directory may not hand to anybody, since its token is no proof (docs/rules.md, rules 1 and
 * 8): an active role whose settings require MFA on direct assignment, or that can write authorisation, and a right to
 * decide on others' access. Eligibility is not among them, for any role: the directory says who is in its groups, and the
 * person who made a group eligible confirmed that (docs/decisions/eligible-for-power.md). Locks the settings that decide.
 */
export async function beyondDirectory(
  transaction: Transaction,
  access: readonly Privilege[],
): Promise<Privilege[]> {
  const active = access.flatMap((each) => (each.assignmentType === "Active" ? [each] : []));
  const { of } = await lockDirectPolicies(transaction, active);
  return access.filter(
    (each) =>
      isDecisionRight(each) ||
      (each.assignmentType === "Active" &&
        (each.writesAuthorization || grantRequirements([each], of).stepUp.length > 0)),
  );
}

/** Refuses to hand over what a directory may not. */
export async function refuseBeyondDirectory(
  transaction: Transaction,
  access: readonly Privilege[],
  entry: Entry,
  drift: readonly Drift[],
): Promise<void> {
  const beyond = await beyondDirectory(transaction, access);
  if (beyond.length === 0) return;
  const message = `This takes an administrator's code, and a directory has none: it would give ${privilegesInWords(beyond)}.`;
  throw new DirectoryRefusal(
    { code: "AuthorizationFailed", message },
    { ...entry, details: { ...entry.details, beyondDirectory: privilegesInWords(beyond) } },
    drift,
  );
}

/** Refuses what would give somebody conflicting roles, as forms do. */
export async function refuseConflictsOfDirectory(
  transaction: Transaction,
  joining: readonly Joining[],
  entry: Entry,
  drift: readonly Drift[],
): Promise<void> {
  const conflicts = await conflictsOf(transaction, { joining });
  if (conflicts.length === 0) return;
  const personal = joining.map(({ memberId }) => memberId);
  const message = conflictMessage(conflicts, { caller: null, personal });
  const people = new Set(conflicts.map(({ personId }) => personId));
  const named = drift.filter(({ principalId }) => principalId !== null && people.has(principalId));
  const conflictRules = [...new Set(conflicts.map(({ ruleName }) => ruleName))];
  throw new DirectoryRefusal(
    { code: "RoleAssignmentConflict", message, exceptions: [] },
    { ...entry, details: { ...entry.details, conflictRules } },
    named.length > 0 ? named : drift,
  );
}
