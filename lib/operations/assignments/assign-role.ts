import { enabledUntilCommit } from "@/lib/authority/rights-until-commit";
import { stepUpReasons } from "@/lib/authority/step-up-reasons";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { assignmentFailures } from "@/lib/domain/gate/policy-rules";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { statusAfter } from "@/lib/domain/requests/request-state";
import { action } from "@/lib/domain/roles/permissions";
import { judgingSettings } from "@/lib/domain/roles/role-settings";
import { knownWord } from "@/lib/domain/text/known-word";
import { isolated } from "@/lib/domain/text/visible-text";
import { type Schedule, scheduleFault } from "@/lib/domain/time/schedule";
import { findExistingHolder } from "@/lib/operations/gate/existing-access";
import { loadVisibleRoleAtResource } from "@/lib/operations/gate/load-access";
import { notAsked, type Prove, proveBy } from "@/lib/operations/gate/prove";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { refuseConflicts } from "@/lib/operations/gate/refuse-conflicts";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { lockAssignmentSettings } from "@/lib/operations/gate/settings-in-force";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { lowered } from "@/lib/platform/sql/lowered";
import { databaseNow } from "@/lib/platform/transaction";

/** How many members one call may name. */
export const maximumPrincipals = 50;

export interface AssignRoleInput {
  readonly assignmentType: "Eligible" | "Active";
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  /** Users or groups, at most `maximumPrincipals`. */
  readonly principalIds: readonly string[];
  /** Null: at once. */
  readonly startsAt: Date | null;
  /** Null: permanently. */
  readonly endsAt: Date | null;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/**
 * The operation that an administrator's proof for an assignment is bound to. A proof for an eligibility
 * is not valid for an active assignment.
 */
export function assignRoleOperation(
  input: Omit<AssignRoleInput, "proofId" | "justification">,
): ProtectedOperation {
  return {
    kind: "AssignRole",
    assignmentType: input.assignmentType,
    roleDefinitionId: input.roleDefinitionId,
    resourceId: input.resourceId,
    principalIds: [...new Set(input.principalIds)],
    startsAt: input.startsAt?.toISOString() ?? null,
    endsAt: input.endsAt?.toISOString() ?? null,
  };
}

/**
 * Makes users or groups eligible for a role, or assigns it to them directly (`AdminAssign`), all or none. Spends the
 * administrator's proof if the role settings require MFA on direct assignment, or if `stepUpReasons` requires one.
 */
export function assignRole(
  database: Database,
  caller: Caller,
  input: AssignRoleInput,
): Promise<OperationResult<{ requestIds: string[]; schedule: Schedule }>> {
  return runOperation(database, assignmentAttempt(caller, input), (transaction) =>
    assignRoleIn(
      transaction,
      caller,
      input,
      proveBy(transaction, caller, input.proofId),
      assignRoleOperation(input),
    ),
  );
}

type RoleAssignment = Omit<AssignRoleInput, "proofId">;

/** The log entry of an assignment that is refused. */
export function assignmentAttempt(caller: Caller, input: RoleAssignment) {
  const active = input.assignmentType === "Active";
  return {
    kind: active ? ("ActiveAssignmentAdded" as const) : ("EligibleAssignmentAdded" as const),
    caller,
    justification: input.justification,
    details: {
      principalIds: [...new Set(input.principalIds)].sort(),
      requestedStart: input.startsAt?.toISOString() ?? null,
      requestedEnd: input.endsAt?.toISOString() ?? null,
    },
  };
}

/** The same, within the transaction of a verb or a batch. Throws a `Refusal`. */
export async function assignRoleIn(
  transaction: Transaction,
  caller: Caller,
  input: RoleAssignment,
  prove: Prove,
  operation: ProtectedOperation,
): Promise<{ requestIds: string[]; schedule: Schedule }> {
  const active = knownWord(input.assignmentType, ["Eligible", "Active"]) === "Active";
  const principalIds = [...new Set(input.principalIds)].sort();
  const attempt = assignmentAttempt(caller, input);
  const subject = await loadVisibleRoleAtResource(transaction, input.roleDefinitionId, input.resourceId);
  if (!subject) throw new Refusal(notFound, attempt);
  const { role, resource } = subject;
  const entry = { ...attempt, role, resource };
  const permission = active ? action.writeAssignment : action.writeEligibility;
  await requirePermission(transaction, caller, permission, resource, entry);
  if (!(await assignableAt(transaction, role.assignableScopes, resource.id))) {
    throw new Refusal(
      { code: "NotFound", message: `${isolated(role.roleName)} cannot be assigned at ${resource.scope}.` },
      entry,
    );
  }

  const settings = await lockAssignmentSettings(transaction, role.id, resource);
  const principals = await loadPrincipals(transaction, principalIds);
  if (
    principalIds.length === 0 ||
    principals.length !== principalIds.length ||
    !(await enabledUntilCommit(transaction, principalIds))
  ) {
    throw new Refusal(
      {
        code: "NotFound",
        message: "One of the members does not exist or is disabled. Choose the members again.",
      },
      entry,
    );
  }

  const now = await databaseNow(transaction);
  const startsAt = input.startsAt !== null && input.startsAt > now ? input.startsAt : now;
  const schedule = { startsAt, endsAt: input.endsAt };
  const fault = scheduleFault(schedule, now);
  if (fault) throw new Refusal({ code: "InvalidRoleAssignmentRequestSchedule", ...fault }, entry);
  const { assignmentType, resourceId, endsAt } = input;
  const holderId = await findExistingHolder(transaction, {
    ...{ assignmentType, principalIds, roleDefinitionId: role.id, resourceId, schedule },
  });
  if (holderId !== null) {
    const noun = active ? "an active assignment" : "an eligible assignment";
    const holder = principals.find(({ id }) => id === holderId)?.displayName;
    throw new Refusal(
      {
        code: "RoleAssignmentExists",
        message: `${holder} already has ${noun} of this role here for that time.`,
      },
      entry,
    );
  }
  if (active) {
    const given = principalIds.map((principalId) => ({
      ...{ principalId, roleDefinitionId: role.id, resourceId, schedule },
    }));
    await refuseConflicts(transaction, caller.userId, { given }, entry);
  }

  const stepUp = await stepUpReasons(
    transaction,
    caller,
    settings,
    assignmentType,
    principalIds.map((principalId) => ({ principalId, roleDefinitionId: role.id, resourceId, endsAt })),
  );
  const { proof, provedBy } =
    stepUp.length > 0 ? await prove(operation, stepUp.includes("PhishingResistant")) : notAsked;
  const failures = assignmentFailures(settings, { ...input, schedule, stepUp, provedBy });
  if (failures.length > 0) {
    throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);
  }

  const data = principals.map((principal) => ({
    principalId: principal.id,
    roleDefinitionId: role.id,
    resourceId: resource.id,
    ...schedule,
  }));
  const made = active
    ? await transaction.assignment.createManyAndReturn({
        data: data.map((row) => ({ ...row, assignmentType: "Assigned" as const })),
        select: { id: true, principalId: true },
      })
    : await transaction.eligibility.createManyAndReturn({ data, select: { id: true, principalId: true } });
  const idOf = new Map(made.map((row) => [row.principalId, row.id]));
  const requests = await transaction.request.createManyAndReturn({
    data: principals.map((principal) => ({
      requestType: "AdminAssign" as const,
      status: statusAfter("New", "Accept", startsAt > now ? "Schedule" : "Provision"),
      requestorId: caller.userId,
      principalId: principal.id,
      roleDefinitionId: role.id,
      resourceId: resource.id,
      ...(active ? { assignmentId: idOf.get(principal.id) } : { eligibilityId: idOf.get(principal.id) }),
      ...schedule,
      justification: input.justification,
      policy: judgingSettings(settings),
      proofId: proof?.id,
      completedAt: now,
    })),
    select: { id: true, principalId: true, assignmentId: true, eligibilityId: true },
  });
  const requestOf = new Map(requests.map((request) => [request.principalId, request]));
  await recordAuditEvents(
    transaction,
    principals.map((principal) => ({
      ...entry,
      outcome: "Success" as const,
      target: principal,
      requestId: requestOf.get(principal.id)?.id,
      assignmentId: requestOf.get(principal.id)?.assignmentId,
      eligibilityId: requestOf.get(principal.id)?.eligibilityId,
      proof,
      details: {
        startsAt: schedule.startsAt.toISOString(),
        endsAt: schedule.endsAt?.toISOString() ?? null,
        policy: judgingSettings(settings),
        ...(stepUp.length > 0 ? { stepUp } : {}),
      },
    })),
  );
  return { requestIds: requests.map((request) => request.id), schedule };
}

function loadPrincipals(transaction: Transaction, ids: readonly string[]) {
  return transaction.principal.findMany({
    where: { id: { in: [...ids] }, disabledAt: null },
    select: { id: true, displayName: true },
    take: maximumPrincipals,
  });
}

async function assignableAt(
  transaction: Transaction,
  assignableScopes: readonly string[],
  resourceId: string,
): Promise<boolean> {
  if (assignableScopes.includes("/")) return true;
  const [row] = await transaction.$queryRaw<{ assignable: boolean }[]>`
    SELECT EXISTS (
      SELECT FROM resources r JOIN resources above ON above.id = ANY (path_ids(r.path))
      WHERE r.id = ${resourceId}::uuid AND lower(above.scope) = ANY (${lowered(assignableScopes)})) AS assignable`;
  return row?.assignable ?? false;
}
