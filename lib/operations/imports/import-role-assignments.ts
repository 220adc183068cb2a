import type { SpentProof } from "@/lib/authority/spend-proof";
import { permissionsToCommit } from "@/lib/authority/standing-rights";
import { alwaysStepUp } from "@/lib/authority/step-up-reasons";
import type { RoleAssignmentRow } from "@/lib/domain/import-kinds";
import { action, anyAllows } from "@/lib/domain/permissions";
import { assignmentFailures, type StepUpReason } from "@/lib/domain/policy-rules";
import { defaultRoleSettings } from "@/lib/domain/role-settings";
import { addDays } from "@/lib/domain/schedule";
import {
  type AssignmentTarget,
  key,
  loadTargets,
  makeServicePrincipals,
} from "@/lib/operations/imports/assignment-targets";
import {
  adds,
  bad,
  type ImportContext,
  type Importer,
  type ImportVerdict,
  unchanged,
} from "@/lib/operations/imports/importer";
import { type DirectPolicy, lockDirectPolicies } from "@/lib/operations/lock-direct-policies";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import { databaseNow } from "@/lib/platform/transaction";

/** An assignment that may be made now. */
interface Ready {
  readonly number: number;
  readonly target: AssignmentTarget;
  readonly policy: DirectPolicy;
  readonly endsAt: Date | null;
  readonly stepUp: readonly StepUpReason[];
}

/**
 * Imports direct assignments, each judged as if the administrator assigned it now: permission at its scope, where the
 * role may be assigned, the role settings in force there. They are marked as found by an import. A service principal
 * that is not known yet is made along; nobody else is.
 */
export const importRoleAssignments: Importer<RoleAssignmentRow> = async (context, items) => {
  const { transaction, caller } = context;
  const targets = await loadTargets(transaction, items);
  const complete = [...targets.values()].filter((target) => typeof target !== "string");
  const resourceIds = [...new Set(complete.map((target) => target.resource.id))];
  const [held, policies] = [
    await permissionsToCommit(transaction, caller.userId, resourceIds),
    await lockDirectPolicies(
      transaction,
      complete.map(({ role, resource }) => ({ roleDefinitionId: role.id, resourceId: resource.id })),
    ),
  ];
  const policyOf = new Map(
    policies.map((policy) => [`${policy.roleDefinitionId} ${policy.resourceId}`, policy]),
  );
  const now = await databaseNow(transaction);
  const verdicts: ImportVerdict[] = [];
  const ready: Ready[] = [];
  const always = await alwaysOf(context, targets, (target) =>
    endOf(context, policyFor(policyOf, target), now),
  );
  const asked = [...always.values()].some((reasons) => reasons.length > 0);
  const proof =
    context.write && (asked || policies.some((policy) => policy.assignmentRequiresMfa))
      ? await context.proof()
      : null;
  const seen = new Set<string>();
  for (const { number } of items) {
    const target = targets.get(number);
    if (target === undefined || typeof target === "string") {
      verdicts.push(bad(number, target ?? "It was not understood."));
      continue;
    }
    const policy = policyFor(policyOf, target);
    const stepUp = [
      ...(policy.assignmentRequiresMfa ? (["RoleSettings"] as const) : []),
      ...(always.get(number) ?? []),
    ];
    const unique = key(target);
    const verdict = seen.has(unique)
      ? bad(number, "Another row says the same.")
      : judge(context, number, target, policy, {
          now,
          stepUp,
          proved: proof !== null,
          may: anyAllows(held.get(target.resource.id) ?? [], action.writeAssignment),
        });
    seen.add(unique);
    verdicts.push(verdict);
    if (verdict.outcome === "Add" && !verdict.needsProof) {
      ready.push({ number, target, policy, endsAt: endOf(context, policy, now), stepUp });
    }
  }
  if (context.write && ready.length > 0) await write(context, ready, proof, now);
  return verdicts;
};

type PolicyOf = ReadonlyMap<string, DirectPolicy>;

function policyFor(policyOf: PolicyOf, { role, resource }: AssignmentTarget): DirectPolicy {
  const policy = policyOf.get(`${role.id} ${resource.id}`);
  if (!policy) throw new Error("a policy that was locked is gone");
  return policy;
}

/** Why each row takes a proof whatever the role settings say; a service principal that is made along cannot be oneself. */
async function alwaysOf(
  { transaction, caller }: ImportContext,
  targets: ReadonlyMap<number, AssignmentTarget | string>,
  endOf: (target: AssignmentTarget) => Date | null,
): Promise<Map<number, readonly StepUpReason[]>> {
  const rows = [...targets].flatMap(([number, target]) =>
    typeof target === "string" ? [] : [{ number, target }],
  );
  const reasons = await alwaysStepUp(
    transaction,
    caller,
    rows.map(({ target }) => ({
      assignmentType: "Active" as const,
      principalId: target.principal.id ?? nobody,
      resourceId: target.resource.id,
      endsAt: endOf(target),
    })),
  );
  return new Map(rows.map(({ number }, index) => [number, reasons[index] ?? []]));
}

const nobody = "00000000-0000-0000-0000-000000000000";

/** Permanent, or after the longest time allowed when the administrator chose that and permanent is not. */
function endOf(context: ImportContext, policy: DirectPolicy, now: Date): Date | null {
  return context.capToMaximum && policy.activeMaximumDays !== null
    ? addDays(now, policy.activeMaximumDays)
    : null;
}

function judge(
  context: ImportContext,
  number: number,
  target: AssignmentTarget,
  policy: DirectPolicy,
  facts: {
    readonly now: Date;
    readonly stepUp: readonly StepUpReason[];
    readonly proved: boolean;
    readonly may: boolean;
  },
): ImportVerdict {
  if (!facts.may) return bad(number, `You may not assign roles over ${target.resource.scope}.`);
  if (target.held === "Assigned") return unchanged(number);
  if (target.held === "Activated") {
    return bad(number, "They have activated this role here now: import it again when that has ended.");
  }
  if (target.held === "Later")
    return bad(number, "There is an assignment of this role here that begins later.");
  if (!target.assignable) {
    return bad(number, `${target.role.roleName} cannot be assigned at ${target.resource.scope}.`);
  }
  const endsAt = endOf(context, policy, facts.now);
  const failures = assignmentFailures(
    { ...defaultRoleSettings, ...policy },
    {
      assignmentType: "Active",
      schedule: { startsAt: facts.now, endsAt },
      // The dry run has no reason yet: applying asks for one.
      justification: context.write ? context.justification : "-",
      stepUp: facts.stepUp,
      proved: facts.proved,
    },
  );
  const refused = failures.filter((failure) => failure.rule !== "MfaRule");
  if (refused.length > 0) return bad(number, refused.map((failure) => failure.message).join(" "));
  const { principal, role, resource } = target;
  const after = {
    principal: principal.displayName,
    role: role.roleName,
    scope: resource.scope,
    endsAt: endsAt?.toISOString() ?? null,
  };
  const reasons = [
    ...(principal.id === null ? [`Makes the service principal ${principal.displayName} along.`] : []),
    ...(failures.length > 0 ? [`It takes a code: ${failures.map(({ message }) => message).join(" ")}`] : []),
  ];
  return { ...adds(number, after, reasons.join(" ") || null), needsProof: failures.length > 0 };
}

async function write(
  context: ImportContext,
  ready: readonly Ready[],
  proof: SpentProof | null,
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
    principalId: target.principal.id ?? principals.get(target.principal.externalId ?? "") ?? "",
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
      },
    })),
  );
}
