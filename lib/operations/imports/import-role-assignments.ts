import { randomUUID } from "node:crypto";
import { z } from "zod";
import { rootResource } from "@/lib/authority/authority";
import { permissionsUntilCommit } from "@/lib/authority/rights-until-commit";
import { alwaysStepUp } from "@/lib/authority/step-up-reasons";
import {
  assignmentFailures,
  proofNeeded,
  reasonsOfSettings,
  type StepUpReason,
} from "@/lib/domain/gate/policy-rules";
import type { StepUpMethod } from "@/lib/domain/gate/step-up-method";
import type { RoleAssignmentRow } from "@/lib/domain/imports/import-kinds";
import { type Action, action, anyAllows } from "@/lib/domain/roles/permissions";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import { addDays } from "@/lib/domain/time/schedule";
import { type DirectPolicy, lockDirectPolicies } from "@/lib/operations/gate/lock-direct-policies";
import { type AssignmentTarget, key, loadTargets, nameOf } from "@/lib/operations/imports/assignment-targets";
import {
  type About,
  adds,
  asShown,
  bad,
  type ImportContext,
  type Importer,
  type ImportItem,
  type ImportVerdict,
  unchanged,
} from "@/lib/operations/imports/importer";
import { type Adding, refuseConflicting } from "@/lib/operations/imports/refuse-conflicting";
import { type ReadyAssignment, writeRoleAssignments } from "@/lib/operations/imports/write-role-assignments";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * Imports direct assignments, each judged as if the administrator assigned it now: the permission at its resource,
 * where the role may be assigned, and the role settings there. They are marked as imported. An unknown service
 * principal is created; nobody else is.
 */
export const importRoleAssignments: Importer<RoleAssignmentRow> = async (context, items) => {
  const { transaction, caller } = context;
  const targets = await loadTargets(context, items);
  const complete = [...targets.values()].filter((target) => typeof target !== "string");
  const root = await rootResource(transaction);
  const resourceIds = [...new Set([...complete.map((target) => target.resource.id), root.id])];
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
  const ends = new Map(
    items.flatMap((item) => {
      const target = targets.get(item.number);
      if (target === undefined || typeof target === "string") return [];
      return [[item.number, endOf(context, item, policyOf(target), now)] as const];
    }),
  );
  const verdicts: ImportVerdict[] = [];
  const ready: ReadyAssignment[] = [];
  const always = await alwaysOf(context, targets, ends);
  const asked = [...always.values()].some((reasons) => reasons.length > 0);
  const proof =
    context.write && (asked || policies.all.some((policy) => policy.assignmentRequiresMfa))
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
    const stepUp = [...reasonsOfSettings(policy), ...(always.get(number) ?? [])];
    const endsAt = ends.get(number) ?? null;
    const unique = key(target);
    const about = aboutOf(context, target, policy);
    const verdict = seen.has(unique)
      ? bad(number, "Another row is the same.", about)
      : judge(context, item, target, policy, {
          now,
          endsAt,
          about,
          stepUp,
          provedBy: proof?.method ?? null,
          mayAssign: may(action.writeAssignment, target.resource.id),
          mayMake: target.principal.id !== null || may(action.writePrincipals, root.id),
        });
    seen.add(unique);
    verdicts.push(verdict);
    if (verdict.outcome !== "Add") continue;
    if (!verdict.needsProof) ready.push({ number, target, policy, endsAt, stepUp });
    if (context.write && verdict.needsProof) continue;
    // A service principal that is created here has no id yet, and may be named by several rows.
    const name = nameOf(target.principal);
    if (target.principal.id === null && !made.has(name)) made.set(name, randomUUID());
    const given = {
      principalId: target.principal.id ?? made.get(name) ?? "",
      roleDefinitionId: target.role.id,
      resourceId: target.resource.id,
      schedule: { startsAt: now, endsAt },
    };
    adding.push({ index: verdicts.length - 1, given });
  }
  const conflicting = await refuseConflicting(context, adding, verdicts);
  const allowed = ready.filter(({ number }) => !conflicting.has(number));
  if (context.write && allowed.length > 0) await writeRoleAssignments(context, allowed, proof, now);
  return verdicts;
};

/**
 * Why each row requires a proof whatever the role settings say. A service principal that is created cannot be
 * oneself.
 */
async function alwaysOf(
  { transaction, caller }: ImportContext,
  targets: ReadonlyMap<number, AssignmentTarget | string>,
  ends: ReadonlyMap<number, Date | null>,
): Promise<Map<number, readonly StepUpReason[]>> {
  const rows = [...targets].flatMap(([number, target]) =>
    typeof target === "string" ? [] : [{ number, target }],
  );
  const reasons = await alwaysStepUp(
    transaction,
    caller,
    rows.map(({ number, target }) => ({
      assignmentType: "Active" as const,
      principalId: target.principal.id ?? nobody,
      resourceId: target.resource.id,
      endsAt: ends.get(number) ?? null,
    })),
  );
  return new Map(rows.map(({ number }, index) => [number, reasons[index] ?? []]));
}

const nobody = "00000000-0000-0000-0000-000000000000";

/**
 * Permanent, or until the maximum if the administrator chose that and permanent is not allowed. It counts from the
 * dry run, since nothing lasts longer than was shown.
 */
function endOf(
  context: ImportContext,
  { shown }: ImportItem<RoleAssignmentRow>,
  policy: DirectPolicy,
  now: Date,
): Date | null {
  if (!context.capToMaximum || policy.activeMaximumDays === null) return null;
  const end = shownEnd(shown?.difference);
  return end ?? addDays(now, policy.activeMaximumDays);
}

function shownEnd(difference: unknown): Date | null {
  const parsed = shownShape.safeParse(difference);
  return parsed.success ? new Date(parsed.data.after.endsAt) : null;
}
const shownShape = z.object({ after: z.object({ endsAt: z.iso.datetime() }) });

/**
 * What determines the access of a row: who, which role and its permissions, where, and the maximum of the settings.
 */
function aboutOf(context: ImportContext, target: AssignmentTarget, policy: DirectPolicy): About {
  const { role, resource } = target;
  return {
    principals: [target.shown],
    facts: {
      roleId: role.id,
      roleVersion: role.version,
      resourceId: resource.id,
      ...(context.capToMaximum ? { longestDays: policy.activeMaximumDays } : {}),
    },
  };
}

function judge(
  context: ImportContext,
  item: ImportItem<RoleAssignmentRow>,
  target: AssignmentTarget,
  policy: DirectPolicy,
  facts: {
    readonly now: Date;
    readonly endsAt: Date | null;
    readonly about: About;
    readonly stepUp: readonly StepUpReason[];
    readonly provedBy: StepUpMethod | null;
    readonly mayAssign: boolean;
    readonly mayMake: boolean;
  },
): ImportVerdict {
  const { number } = item;
  const { principal, role, resource } = target;
  const { about, endsAt } = facts;
  const refuse = (reason: string) => bad(number, reason, about);
  if (!facts.mayAssign) return refuse(`You may not assign roles over ${resource.scope}.`);
  if (!facts.mayMake)
    return refuse(`You may not create the service principal ${isolated(principal.displayName)}.`);
  if (target.held === "Assigned") return unchanged(number, about);
  if (target.held === "Activated") {
    return refuse("They have activated this role here now. Import it again when the activation has ended.");
  }
  if (target.held === "Later") return refuse("There is an assignment of this role here that starts later.");
  if (!target.assignable)
    return refuse(`${isolated(role.roleName)} cannot be assigned at ${resource.scope}.`);
  const after = {
    principal: target.shown.displayName,
    role: role.roleName,
    scope: resource.scope,
    endsAt: endsAt?.toISOString() ?? null,
  };
  const shown = asShown(context, item, adds(number, about, after));
  if (shown.outcome === "Bad") return shown;
  if (endsAt !== null && endsAt <= facts.now) return refuse("The end that was shown has passed.");
  const failures = assignmentFailures(
    { ...defaultRoleSettings, ...policy },
    {
      assignmentType: "Active",
      schedule: { startsAt: facts.now, endsAt },
      // The dry run has no reason yet; applying requires one.
      justification: context.write ? context.justification : "-",
      stepUp: facts.stepUp,
      provedBy: facts.provedBy,
    },
  );
  const refused = failures.filter((failure) => failure.rule !== "MfaRule");
  if (refused.length > 0) return refuse(refused.map((failure) => failure.message).join(" "));
  const reasons = [
    ...(principal.id === null
      ? [`Also creates the service principal ${isolated(principal.displayName)}.`]
      : []),
    ...(failures.length > 0
      ? [`It needs a second factor: ${failures.map(({ message }) => message).join(" ")}`]
      : []),
  ];
  return { ...shown, reason: reasons.join(" ") || null, ...proofNeeded(failures) };
}
