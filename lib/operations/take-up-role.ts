import { activationFailures } from "@/lib/domain/policy-rules";
import { judgingSettings, stricterOf } from "@/lib/domain/role-settings";
import { addMinutes, isInEffect, overlap, type Schedule, scheduleFault } from "@/lib/domain/schedule";
import { findAccess, loadRoleAtResource, lockAccess } from "@/lib/operations/load-subject";
import { lockPolicies } from "@/lib/operations/lock-policy";
import { alreadyAssigned, notFound, Refusal } from "@/lib/operations/refusal";
import type { SpentProof } from "@/lib/operations/spend-proof";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/** One role that a member takes up, and why. */
export interface TakeUpRoleInput {
  readonly eligibilityId: string;
  /** The eligibility's resource, or one below it to narrow the activation to. */
  readonly resourceId: string;
  /** Null: at once. */
  readonly startsAt: Date | null;
  readonly durationMinutes: number;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
}

/** What came of taking up a role. */
export interface TakenUpRole {
  readonly requestId: string;
  readonly assignmentId: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** The attempt as the log tells of it when it is refused before anything is known of the role. */
export function activationAttempt(caller: Caller, input: TakeUpRoleInput) {
  return {
    kind: "RoleActivated" as const,
    caller,
    target: { id: caller.userId, displayName: caller.displayName },
    eligibilityId: input.eligibilityId,
    justification: input.justification,
    ticketNumber: input.ticketNumber,
    ticketSystem: input.ticketSystem,
    details: {
      durationMinutes: input.durationMinutes,
      requestedStart: input.startsAt?.toISOString() ?? null,
    },
  };
}

/**
 * Takes up one role within a transaction: locks, decides, writes assignment, request and event, or throws a `Refusal`.
 * `prove` answers the proof that this transaction spends for it, and is asked only where the settings want one.
 */
export async function takeUpRole(
  transaction: Transaction,
  caller: Caller,
  input: TakeUpRoleInput,
  prove: () => Promise<SpentProof | null>,
): Promise<TakenUpRole> {
  const attempt = activationAttempt(caller, input);
  const found = await findAccess(transaction, "Eligible", input.eligibilityId);
  const reaches = found !== null && (await reachesCaller(transaction, caller, found.principalId));
  const subject = found && (await loadRoleAtResource(transaction, found.roleDefinitionId, input.resourceId));
  if (!found || !reaches || !subject) throw new Refusal(notFound, attempt);
  const { role, resource } = subject;
  const entry = { ...attempt, role, resource };

  const policies = await lockPolicies(transaction, role.id, [found.resourceId, resource.id], "read");
  const own = policies.get(found.resourceId);
  const narrowed = policies.get(resource.id);
  if (!own || !narrowed) throw new Error("a policy that was locked is gone");
  const settings = stricterOf(own.settings, narrowed.settings);

  const eligibility = await lockAccess(transaction, found, await databaseNow(transaction));
  const now = await databaseNow(transaction);
  if (
    !eligibility ||
    !isInEffect(eligibility, now) ||
    !(await contains(transaction, found.resourceId, resource.id))
  ) {
    throw new Refusal(
      {
        code: "RoleAssignmentDoesNotExist",
        message: "You are not eligible for this role at this scope now.",
      },
      entry,
    );
  }

  const startsAt = input.startsAt !== null && input.startsAt > now ? input.startsAt : now;
  const schedule = { startsAt, endsAt: addMinutes(startsAt, input.durationMinutes) };
  const fault = scheduleFault(schedule, now);
  if (fault?.field === "startsAt") {
    throw new Refusal({ code: "InvalidRoleAssignmentRequestSchedule", ...fault }, entry);
  }
  await refuseOverlap(
    transaction,
    caller.userId,
    role.id,
    resource.id,
    schedule,
    () => new Refusal(alreadyAssigned, entry),
  );

  const proof = settings.activationRequiresMfa ? await prove() : null;
  const failures = activationFailures(settings, {
    ...input,
    schedule,
    eligibility,
    proved: proof !== null,
  });
  if (settings.approvalRequired) {
    failures.push({
      rule: "ApprovalRule",
      field: "approval",
      message: "This role is activated with an approval, which cannot be asked for yet.",
    });
  }
  if (failures.length > 0) {
    throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);
  }

  const assignment = await transaction.assignment.create({
    data: {
      principalId: caller.userId,
      roleDefinitionId: role.id,
      resourceId: resource.id,
      assignmentType: "Activated",
      eligibilityId: eligibility.id,
      ...schedule,
    },
    select: { id: true },
  });
  const request = await transaction.request.create({
    data: {
      requestType: "SelfActivate",
      status: startsAt > now ? "ScheduleCreated" : "Provisioned",
      requestorId: caller.userId,
      principalId: caller.userId,
      roleDefinitionId: role.id,
      resourceId: resource.id,
      eligibilityId: eligibility.id,
      assignmentId: assignment.id,
      ...schedule,
      justification: input.justification,
      ticketNumber: input.ticketNumber,
      ticketSystem: input.ticketSystem,
      policy: judgingSettings(settings),
      proofId: proof?.id,
      completedAt: now,
    },
    select: { id: true },
  });
  await recordAuditEvent(transaction, {
    ...entry,
    outcome: "Success",
    requestId: request.id,
    assignmentId: assignment.id,
    proof,
    details: {
      startsAt: schedule.startsAt.toISOString(),
      endsAt: schedule.endsAt.toISOString(),
      policy: judgingSettings(settings),
    },
  });
  return { requestId: request.id, assignmentId: assignment.id, ...schedule };
}

async function reachesCaller(
  transaction: Transaction,
  caller: Caller,
  principalId: string,
): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ reaches: boolean }[]>`
    SELECT ${principalId}::uuid IN (SELECT principal_and_groups(${caller.userId}::uuid)) AS reaches`;
  return row?.reaches ?? false;
}

async function contains(transaction: Transaction, outerId: string, innerId: string): Promise<boolean> {
  if (outerId === innerId) return true;
  const [row] = await transaction.$queryRaw<{ contains: boolean }[]>`
    SELECT ${outerId}::uuid = ANY (path_ids(path)) AS contains FROM resources WHERE id = ${innerId}::uuid`;
  return row?.contains ?? false;
}

async function refuseOverlap(
  transaction: Transaction,
  principalId: string,
  roleDefinitionId: string,
  resourceId: string,
  schedule: Schedule,
  refusal: () => Refusal,
): Promise<void> {
  const held = await transaction.assignment.findMany({
    where: {
      principalId,
      roleDefinitionId,
      resourceId,
      OR: [{ endsAt: null }, { endsAt: { gt: schedule.startsAt } }],
    },
    select: { startsAt: true, endsAt: true },
    take: 100,
  });
  if (held.some((other) => overlap(other, schedule))) throw refusal();
}
