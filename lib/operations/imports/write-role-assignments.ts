import type { StepUpReason } from "@/lib/domain/gate/policy-rules";
import { statusAfter } from "@/lib/domain/requests/request-state";
import type { Schedule } from "@/lib/domain/time/schedule";
import type { DirectPolicy } from "@/lib/operations/gate/lock-direct-policies";
import {
  type AccessType,
  type AssignmentTarget,
  makeServicePrincipals,
  nameOf,
} from "@/lib/operations/imports/assignment-targets";
import { type ImportContext, type ImportProof, proofAge, recorded } from "@/lib/operations/imports/importer";
import { recordAuditEvents } from "@/lib/platform/audit-log";

/** An assignment that may be created now. */
export interface ReadyAssignment {
  readonly number: number;
  readonly target: AssignmentTarget;
  readonly policy: DirectPolicy;
  readonly schedule: Schedule;
  readonly stepUp: readonly StepUpReason[];
}

/**
 * Creates direct or eligible assignments that were judged, each with its request and event, and the service principals
 * of those rows.
 */
export async function writeRoleAssignments(
  context: ImportContext,
  type: AccessType,
  ready: readonly ReadyAssignment[],
  proof: ImportProof | null,
  now: Date,
): Promise<void> {
  const { transaction, caller, importId, justification } = context;
  const active = type === "Active";
  const principals = await makeServicePrincipals(
    context,
    ready.map(({ target }) => target.principal),
  );
  const rows = ready.map(({ target, policy, schedule, stepUp }) => ({
    target,
    policy,
    stepUp,
    principalId: target.principal.id ?? principals.get(nameOf(target.principal)) ?? "",
    schedule,
  }));
  const data = rows.map(({ target, principalId, schedule }) => ({
    principalId,
    roleDefinitionId: target.role.id,
    resourceId: target.resource.id,
    origin: "Import" as const,
    ...schedule,
  }));
  const select = { id: true, principalId: true, roleDefinitionId: true, resourceId: true } as const;
  const made = active
    ? await transaction.assignment.createManyAndReturn({
        data: data.map((row) => ({ ...row, assignmentType: "Assigned" as const })),
        select,
      })
    : await transaction.eligibility.createManyAndReturn({ data, select });
  const same = (row: { principalId: string; roleDefinitionId: string; resourceId: string }) =>
    `${row.principalId} ${row.roleDefinitionId} ${row.resourceId}`;
  const accessOf = new Map(made.map((row) => [same(row), row.id]));
  const idOf = (row: (typeof rows)[number]) =>
    accessOf.get(`${row.principalId} ${row.target.role.id} ${row.target.resource.id}`);
  const proofOf = (row: (typeof rows)[number]) => (row.stepUp.length > 0 ? proof : null);
  const policyOf = ({ roleDefinitionId: _role, resourceId: _resource, ...policy }: DirectPolicy) => policy;
  const requests = await transaction.request.createManyAndReturn({
    data: rows.map((row) => ({
      requestType: "AdminAssign" as const,
      status: statusAfter("New", "Accept", row.schedule.startsAt > now ? "Schedule" : "Provision"),
      requestorId: caller.userId,
      principalId: row.principalId,
      roleDefinitionId: row.target.role.id,
      resourceId: row.target.resource.id,
      ...namedAs(active, idOf(row)),
      ...row.schedule,
      justification,
      policy: policyOf(row.policy),
      proofId: recorded(proofOf(row))?.id,
      completedAt: now,
    })),
    select: { id: true, assignmentId: true, eligibilityId: true },
  });
  const requestOf = new Map(
    requests.map((request) => [request.assignmentId ?? request.eligibilityId, request.id]),
  );
  await recordAuditEvents(
    transaction,
    rows.map((row) => ({
      kind: active ? ("ActiveAssignmentAdded" as const) : ("EligibleAssignmentAdded" as const),
      outcome: "Success" as const,
      caller,
      target: { id: row.principalId, displayName: row.target.principal.displayName },
      role: row.target.role,
      resource: row.target.resource,
      requestId: requestOf.get(idOf(row) ?? null),
      ...namedAs(active, idOf(row)),
      justification,
      proof: recorded(proofOf(row)),
      details: {
        importId,
        startsAt: row.schedule.startsAt.toISOString(),
        endsAt: row.schedule.endsAt?.toISOString() ?? null,
        policy: policyOf(row.policy),
        ...(row.stepUp.length > 0 ? { stepUp: row.stepUp } : {}),
        ...proofAge(proofOf(row)),
      },
    })),
  );
}

/** The columns in which a request and an event store the id of the access. */
function namedAs(active: boolean, id: string | undefined) {
  return active ? { assignmentId: id } : { eligibilityId: id };
}
