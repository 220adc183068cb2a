import type { SpentProof } from "@/lib/authority/spend-proof";
import { stepUpReasons } from "@/lib/authority/step-up-reasons";
import type { OperationError, RuleFailure } from "@/lib/domain/gate/operation-error";
import { assignmentFailures, type StepUpReason } from "@/lib/domain/gate/policy-rules";
import { alreadyAssigned } from "@/lib/domain/requests/activation-refusal";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { type Schedule, scheduleFault } from "@/lib/domain/time/schedule";
import { endActivations } from "@/lib/operations/gate/end-activations";
import { findExistingHolder } from "@/lib/operations/gate/existing-access";
import type { HeldAccess } from "@/lib/operations/gate/load-access";
import { notAsked, type Proving } from "@/lib/operations/gate/prove";
import { Refusal } from "@/lib/operations/gate/refusal";
import { addedTime, refuseConflicts } from "@/lib/operations/gate/refuse-conflicts";
import { revokeOrphaned } from "@/lib/operations/requests/revoke-orphaned-requests";
import { cancelScheduledRequests } from "@/lib/operations/requests/waiting-request";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

type Kind = "Eligible" | "Active";

export const kindOf = (access: Pick<HeldAccess, "assignmentType">): Kind =>
  access.assignmentType === null ? "Eligible" : "Active";

/** An extension or renewal as an administrator asks for it. */
export interface ExtensionOrRenewal {
  /** The type afterwards. A different type turns an eligibility into an active assignment or back. */
  readonly assignmentType: Kind;
  /** Null: at once. Only a new row can start later: a renewal, or another type. */
  readonly startsAt: Date | null;
  /** Null: permanently. */
  readonly endsAt: Date | null;
  readonly justification: string | null;
  /** Failed rules of the verb, reported together with those of the role settings. */
  readonly failed?: readonly RuleFailure[];
}

export interface ExtendedOrRenewed {
  readonly verb: "Extended" | "Renewed";
  readonly assignmentType: Kind;
  readonly before: Schedule;
  readonly after: Schedule;
  readonly resultingEligibilityId: string | null;
  readonly resultingAssignmentId: string | null;
  /** What it replaced, if its type changed. */
  readonly replacedId: string | null;
  readonly endedActivations: number;
  readonly proof: SpentProof | null;
  /** Why it required a proof. */
  readonly stepUp: readonly StepUpReason[];
}

/**
 * Extends or renews an eligibility or direct assignment under the settings in force (docs/rules.md,
 * rules 1, 4 and 6). Moves the end of one that has not ended, creates a new row for one that has, and
 * turns one type into the other. The caller has locked the policy and the access, and checked the
 * right. Calls `prove` if the result requires a proof.
 */
export async function extendOrRenewAccess(
  transaction: Transaction,
  access: HeldAccess,
  proposal: ExtensionOrRenewal,
  settings: RoleSettings,
  prove: (resistantOnly: boolean) => Promise<Proving>,
  entry: Omit<AuditEntry, "outcome"> & { readonly caller: Actor },
  now: Date,
): Promise<ExtendedOrRenewed> {
  const refuse = (error: OperationError) => new Refusal(error, entry);
  const ended = access.endsAt !== null && access.endsAt <= now;
  const turned = kindOf(access) !== proposal.assignmentType;
  if (access.endsAt === null) {
    throw refuse({
      code: "InvalidRoleAssignmentRequestSchedule",
      field: "endsAt",
      message: "The assignment is permanent, so it cannot be extended.",
    });
  }
  const own = ended || turned;
  if (!own && proposal.startsAt !== null) {
    throw refuse({
      code: "InvalidRoleAssignmentRequestSchedule",
      field: "startsAt",
      message: "An extension continues the current assignment. Its start cannot be chosen.",
    });
  }
  const askedStart = proposal.startsAt !== null && proposal.startsAt > now ? proposal.startsAt : now;
  const after = { startsAt: own ? askedStart : access.startsAt, endsAt: proposal.endsAt };
  const fault = scheduleFault(after, now);
  if (fault) throw refuse({ code: "InvalidRoleAssignmentRequestSchedule", ...fault });
  if (!own && proposal.endsAt !== null && proposal.endsAt <= access.endsAt) {
    throw refuse({
      code: "InvalidRoleAssignmentRequestSchedule",
      field: "endsAt",
      message: "Choose an end later than the current one.",
    });
  }
  await refuseOverlap(transaction, access, proposal.assignmentType, after, entry);

  const { principalId, roleDefinitionId, resourceId } = access;
  const stepUp = await stepUpReasons(transaction, entry.caller, settings, proposal.assignmentType, [
    { principalId, roleDefinitionId, resourceId, endsAt: after.endsAt },
  ]);
  const proving = stepUp.length > 0 ? await prove(stepUp.includes("PhishingResistant")) : notAsked;
  // If it has begun, its length counts from now, so that a full year can be given again after a year.
  const judged = { startsAt: after.startsAt < now ? now : after.startsAt, endsAt: after.endsAt };
  const failed = proposal.failed ?? [];
  const judgedBySettings = assignmentFailures(settings, {
    assignmentType: proposal.assignmentType,
    schedule: judged,
    justification: proposal.justification,
    stepUp,
    provedBy: proving.provedBy,
  });
  const failures = [
    ...failed,
    ...judgedBySettings.filter(({ rule }) => !failed.some((each) => each.rule === rule)),
  ];
  if (failures.length > 0) throw refuse({ code: "RoleAssignmentRequestPolicyValidationFailed", failures });

  const endedActivations =
    turned && !ended ? await endReplacedAccess(transaction, access, after.startsAt, entry.caller, now) : 0;
  const resulting = own
    ? await create(transaction, access, proposal.assignmentType, after)
    : await moveEnd(transaction, access, after);
  const before = { startsAt: access.startsAt, endsAt: access.endsAt };
  return {
    verb: ended ? "Renewed" : "Extended",
    assignmentType: proposal.assignmentType,
    before,
    after,
    ...resulting,
    replacedId: turned && !ended ? access.id : null,
    endedActivations,
    proof: proving.proof,
    stepUp,
  };
}

/**
 * Refuses times at which the member already has the same access, not counting this one and activations
 * of it. Refuses active access that conflicts with what somebody holds.
 */
export async function refuseOverlap(
  transaction: Transaction,
  access: HeldAccess,
  assignmentType: Kind,
  schedule: Schedule,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const { principalId, roleDefinitionId, resourceId, id: replacedId } = access;
  const about = { assignmentType, principalIds: [principalId], roleDefinitionId, resourceId };
  const holderId = await findExistingHolder(transaction, { ...about, schedule, replacedId });
  if (holderId !== null) throw new Refusal(alreadyAssigned, entry);
  if (assignmentType === "Eligible") return;
  const added = access.assignmentType === null ? [schedule] : addedTime(access, schedule);
  const given = added.map((time) => ({ principalId, roleDefinitionId, resourceId, schedule: time }));
  await refuseConflicts(transaction, entry.caller?.userId ?? null, { given, replacedId }, entry);
}

/** Ends the access that is turned into the other type when the new one starts, with its activations. */
async function endReplacedAccess(
  transaction: Transaction,
  access: HeldAccess,
  start: Date,
  actor: Actor,
  now: Date,
): Promise<number> {
  if (access.endsAt !== null && access.endsAt <= start) return 0;
  const data = { endsAt: start > access.startsAt ? start : access.startsAt, removedAt: now };
  if (data.endsAt <= access.startsAt) await cancelScheduledRequests(transaction, access, now);
  if (access.assignmentType !== null) {
    await transaction.assignment.update({ where: { id: access.id }, data });
    return 0;
  }
  await transaction.eligibility.update({ where: { id: access.id }, data });
  const ended = await endActivations(transaction, actor, access.id, data.endsAt, now);
  await revokeOrphaned(transaction, actor, { eligibilityId: access.id });
  return ended;
}

async function create(transaction: Transaction, access: HeldAccess, kind: Kind, schedule: Schedule) {
  const data = {
    principalId: access.principalId,
    roleDefinitionId: access.roleDefinitionId,
    resourceId: access.resourceId,
    ...schedule,
  };
  const select = { id: true } as const;
  if (kind === "Eligible") {
    const { id } = await transaction.eligibility.create({ data, select });
    return { resultingEligibilityId: id, resultingAssignmentId: null };
  }
  const { id } = await transaction.assignment.create({
    data: { ...data, assignmentType: "Assigned" },
    select,
  });
  return { resultingEligibilityId: null, resultingAssignmentId: id };
}

async function moveEnd(transaction: Transaction, access: HeldAccess, schedule: Schedule) {
  const change = { where: { id: access.id }, data: { endsAt: schedule.endsAt } };
  if (access.assignmentType === null) {
    await transaction.eligibility.update(change);
    return { resultingEligibilityId: access.id, resultingAssignmentId: null };
  }
  await transaction.assignment.update(change);
  return { resultingEligibilityId: null, resultingAssignmentId: access.id };
}
