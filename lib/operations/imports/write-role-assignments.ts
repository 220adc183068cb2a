import type { StepUpReason } from "@/lib/domain/gate/policy-rules";
import type { DirectPolicy } from "@/lib/operations/gate/lock-direct-policies";
import {
  type AssignmentTarget,
  makeServicePrincipals,
  nameOf,
} from "@/lib/operations/imports/assignment-targets";
import { type ImportContext, type ImportProof, proofAge } from "@/lib/operations/imports/importer";
import { recordAuditEvents } from "@/lib/platform/audit-log";

/** An assignment that may be created now. */
export interface ReadyAssignment {
  readonly number: number;
  readonly target: AssignmentTarget;
  readonly policy: DirectPolicy;
  readonly endsAt: Date | null;
  readonly stepUp: readonly StepUpReason[];
}

/**
 * Creates direct assignments that were judged, each with its request and event, and the service principals of those
 * rows.
 */
export async function writeRoleAssignments(
  context: ImportContext,
  ready: readonly ReadyAssignment[],
  proof: ImportProof | null,
  now: Date,
): Promise<void> {
  const { transaction, caller, importId, justification } = context;
  const principals = await makeServicePrincipals(
    context,
    ready.map(({ target }) => target.principal),
  );
  const rows = ready.map(({ target, policy, endsAt, stepUp }) => ({
    target,
    policy,
    stepUp,
    principalId: target.principal.id ?? principals.get(nameOf(target.principal)) ?? "",
    schedule: { startsAt: now, endsAt },
  }));
  const made = await transaction.assignment.createManyAndReturn({
    data: rows.map(({ target, principalId, schedule }) => ({
      principalId,
      roleDefinitionId: target.role.id,
      resourceId: target.resource.id,
      assignmentType: "Assigned" as const,
      origin: "Import" as const,
      ...schedule,
    })),
    select: { id: true, principalId: true, roleDefinitionId: true, resourceId: true },
  });
  const same = (row: { principalId: string; roleDefinitionId: string; resourceId: string }) =>
    `${row.principalId} ${row.roleDefinitionId} ${row.resourceId}`;
  const assignmentOf = new Map(made.map((row) => [same(row), row.id]));
  const idOf = (row: (typeof rows)[number]) =>
    assignmentOf.get(`${row.principalId} ${row.target.role.id} ${row.target.resource.id}`);
  const proofOf = (row: (typeof rows)[number]) => (row.stepUp.length > 0 ? proof : null);
  const policyOf = ({ roleDefinitionId: _role, resourceId: _resource, ...policy }: DirectPolicy) => policy;
  const requests = await transaction.request.createManyAndReturn({
    data: rows.map((row) => ({
      requestType: "AdminAssign" as const,
      status: "Provisioned" as const,
      requestorId: caller.userId,
      principalId: row.principalId,
      roleDefinitionId: row.target.role.id,
      resourceId: row.target.resource.id,
      assignmentId: idOf(row),
      ...row.schedule,
      justification,
      policy: policyOf(row.policy),
      proofId: proofOf(row)?.id,
      completedAt: now,
    })),
    select: { id: true, assignmentId: true },
  });
  const requestOf = new Map(requests.map((request) => [request.assignmentId, request.id]));
  await recordAuditEvents(
    transaction,
    rows.map((row) => ({
      kind: "ActiveAssignmentAdded" as const,
      outcome: "Success" as const,
      caller,
      target: { id: row.principalId, displayName: row.target.principal.displayName },
      role: row.target.role,
      resource: row.target.resource,
      requestId: requestOf.get(idOf(row) ?? null),
      assignmentId: idOf(row),
      justification,
      proof: proofOf(row),
      details: {
        importId,
        startsAt: now.toISOString(),
        endsAt: row.schedule.endsAt?.toISOString() ?? null,
        policy: policyOf(row.policy),
        ...(row.stepUp.length > 0 ? { stepUp: row.stepUp } : {}),
        ...proofAge(proofOf(row)),
      },
    })),
  );
}
