import { randomUUID } from "node:crypto";
import { rootResource } from "@/lib/authority/authority";
import { permissionsUntilCommit } from "@/lib/authority/rights-until-commit";
import { alwaysStepUp } from "@/lib/authority/step-up-reasons";
import { reasonsToAssign, type StepUpReason } from "@/lib/domain/gate/policy-rules";
import type { RoleAssignmentRow } from "@/lib/domain/imports/import-kinds";
import { type Action, action, anyAllows } from "@/lib/domain/roles/permissions";
import type { Schedule } from "@/lib/domain/time/schedule";
import { lockDirectPolicies } from "@/lib/operations/gate/lock-direct-policies";
import {
  type AccessType,
  type AssignmentTarget,
  key,
  loadTargets,
  nameOf,
} from "@/lib/operations/imports/assignment-targets";
import {
  bad,
  type ImportContext,
  type Importer,
  type ImportItem,
  type ImportVerdict,
} from "@/lib/operations/imports/importer";
import { aboutOf, judgeAssignment, scheduleOf } from "@/lib/operations/imports/judge-assignment";
import { type Adding, refuseConflicting } from "@/lib/operations/imports/refuse-conflicting";
import { type ReadyAssignment, writeRoleAssignments } from "@/lib/operations/imports/write-role-assignments";
import { keepScopes } from "@/lib/operations/roles/standing-scopes";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * Imports direct assignments. Each is judged as if the administrator assigned it now: the permission at
 * its resource, where the role may be assigned, and the role settings there. They are marked as
 * imported. An unknown service principal is created, but no user or group.
 */
export const importActiveAssignments: Importer<RoleAssignmentRow> = (context, items) =>
  importAccess(context, "Active", items);

/** The same for eligible assignments. They conflict with nothing, since only activating them could. */
export const importEligibilities: Importer<RoleAssignmentRow> = (context, items) =>
  importAccess(context, "Eligible", items);

async function importAccess(
  context: ImportContext,
  type: AccessType,
  items: readonly ImportItem<RoleAssignmentRow>[],
): Promise<ImportVerdict[]> {
  const { transaction, caller } = context;
  const active = type === "Active";
  const targets = await loadTargets(context, type, items);
  const complete = [...targets.values()].filter((target) => typeof target !== "string");
  const root = await rootResource(transaction);
  const resourceIds = [...new Set([...complete.map((target) => target.resource.id), root.id])];
  // Where a role may be assigned was judged by the position of the places.
  await keepScopes(
    transaction,
    complete.map(({ resource }) => resource),
  );
  const policies = await lockDirectPolicies(
    transaction,
    complete.map(({ role, resource }) => ({ roleDefinitionId: role.id, resourceId: resource.id })),
  );
  const held = await permissionsUntilCommit(transaction, caller.userId, resourceIds);
  const may = (permission: Action, resourceId: string) => {
    context.takes({ resourceId, action: permission });
    return anyAllows(held.get(resourceId) ?? [], permission);
  };
  const policyOf = ({ role, resource }: AssignmentTarget) =>
    policies.of({ roleDefinitionId: role.id, resourceId: resource.id });
  const now = await databaseNow(transaction);
  const schedules = new Map(
    items.flatMap((item) => {
      const target = targets.get(item.number);
      if (target === undefined || typeof target === "string") return [];
      return [[item.number, scheduleOf(context, type, item, policyOf(target), now)] as const];
    }),
  );
  const verdicts: ImportVerdict[] = [];
  const ready: ReadyAssignment[] = [];
  const always = await alwaysOf(context, type, targets, schedules);
  const asked = [...always.values()].some((reasons) => reasons.length > 0);
  const proof =
    context.write && (asked || (active && policies.all.some((policy) => policy.assignmentRequiresMfa)))
      ? await context.proof()
      : null;
  const seen = new Set<string>();
  const adding: Adding[] = [];
  const made = new Map<string, string>();
  for (const item of items) {
    const { number } = item;
    const target = targets.get(number);
    if (target === undefined || typeof target === "string") {
      verdicts.push(bad(number, target ?? "It was not understood."));
      continue;
    }
    const policy = policyOf(target);
    const stepUp = reasonsToAssign(type, policy, always.get(number) ?? []);
    const schedule = schedules.get(number) ?? { startsAt: now, endsAt: null };
    const unique = key(target);
    const about = aboutOf(context, type, target, policy);
    const verdict = seen.has(unique)
      ? bad(number, "Another row is the same.", about)
      : judgeAssignment(context, type, item, target, policy, {
          now,
          schedule,
          about,
          stepUp,
          provedBy: proof?.method ?? null,
          mayAssign: may(active ? action.writeAssignment : action.writeEligibility, target.resource.id),
          mayMake: target.principal.id !== null || may(action.writePrincipals, root.id),
        });
    seen.add(unique);
    verdicts.push(verdict);
    if (verdict.outcome !== "Add") continue;
    if (!verdict.needsProof) ready.push({ number, target, policy, schedule, stepUp });
    if (!active || (context.write && verdict.needsProof)) continue;
    // A service principal that is created here has no id yet, and may be named by several rows.
    const name = nameOf(target.principal);
    if (target.principal.id === null && !made.has(name)) made.set(name, randomUUID());
    const given = {
      principalId: target.principal.id ?? made.get(name) ?? "",
      roleDefinitionId: target.role.id,
      resourceId: target.resource.id,
      schedule,
    };
    adding.push({ index: verdicts.length - 1, given });
  }
  const conflicting = await refuseConflicting(context, adding, verdicts);
  const allowed = ready.filter(({ number }) => !conflicting.has(number));
  if (context.write && allowed.length > 0) await writeRoleAssignments(context, type, allowed, proof, now);
  return verdicts;
}

/**
 * Why each row requires a proof whatever the role settings say. A service principal that is created is never the
 * caller.
 */
async function alwaysOf(
  { transaction, caller }: ImportContext,
  assignmentType: AccessType,
  targets: ReadonlyMap<number, AssignmentTarget | string>,
  schedules: ReadonlyMap<number, Schedule>,
): Promise<Map<number, readonly StepUpReason[]>> {
  const rows = [...targets].flatMap(([number, target]) =>
    typeof target === "string" ? [] : [{ number, target }],
  );
  const reasons = await alwaysStepUp(
    transaction,
    caller,
    rows.map(({ number, target }) => ({
      assignmentType,
      principalId: target.principal.id ?? nobody,
      roleDefinitionId: target.role.id,
      resourceId: target.resource.id,
      endsAt: schedules.get(number)?.endsAt ?? null,
    })),
  );
  return new Map(rows.map(({ number }, index) => [number, reasons[index] ?? []]));
}

const nobody = "00000000-0000-0000-0000-000000000000";
