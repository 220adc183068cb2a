import { activationFailures } from "@/lib/domain/policy-rules";
import { statusAfter } from "@/lib/domain/request-state";
import { judgingSettings, stagesInForce, stricterOf } from "@/lib/domain/role-settings";
import { addMinutes, isInEffect, overlap, type Schedule, scheduleFault } from "@/lib/domain/schedule";
import { askApproval } from "@/lib/operations/ask-approval";
import { findAccess, loadRoleAtResource, lockAccess } from "@/lib/operations/load-subject";
import { lockPolicies } from "@/lib/operations/lock-policy";
import { alreadyAssigned, notFound, Refusal } from "@/lib/operations/refusal";
import { reaches } from "@/lib/operations/right-to-give";
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

/** What came of taking up a role: it is held, from now or from a later start, or it waits for approval. */
export type TakenUpRole =
  | {
      readonly status: "Provisioned" | "ScheduleCreated";
      readonly requestId: string;
      readonly assignmentId: string;
      readonly startsAt: Date;
      readonly endsAt: Date;
    }
  | {
      readonly status: "PendingApproval";
      readonly requestId: string;
      /** Until when somebody may decide, as things stand. */
      readonly expiresAt: Date;
    };

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
 * Where the settings require approval it writes the request alone, its proof spent, and the approvers decide.
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
  const own = found !== null && (await reaches(transaction, caller.userId, found.principalId));
  const subject = found && (await loadRoleAtResource(transaction, found.roleDefinitionId, input.resourceId));
  if (!found || !own || !subject) throw new Refusal(notFound, attempt);
  const { role, resource } = subject;
  const entry = { ...attempt, role, resource };

  const policies = await lockPolicies(transaction, role.id, [found.resourceId, resource.id], "read");
  const wider = policies.get(found.resourceId);
  const narrowed = policies.get(resource.id);
  if (!wider || !narrowed) throw new Error("a policy that was locked is gone");
  const settings = stricterOf(wider.settings, narrowed.settings);

  const eligibility = await lockAccess(transaction, found);
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
  if (await overlapping(transaction, caller.userId, role.id, resource.id, schedule)) {
    throw new Refusal(alreadyAssigned, entry);
  }

  const proof = settings.activationRequiresMfa ? await prove() : null;
  const failures = activationFailures(settings, {
    ...input,
    schedule,
    eligibility,
    proved: proof !== null,
  });
  if (failures.length > 0) {
    throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);
  }

  if (stagesInForce(settings).length > 0) {
    const asked = {
      ...input,
      principalId: caller.userId,
      role,
      resource,
      eligibilityId: eligibility.id,
      settings,
      proof,
    };
    return { status: "PendingApproval", ...(await askApproval(transaction, asked, entry, now)) };
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
  const scheduled = startsAt > now;
  const request = await transaction.request.create({
    data: {
      requestType: "SelfActivate",
      status: statusAfter("New", "Accept", scheduled ? "Schedule" : "Provision"),
      requestorId: caller.userId,
      principalId: caller.userId,
      roleDefinitionId: role.id,
      resourceId: resource.id,
      eligibilityId: eligibility.id,
      assignmentId: assignment.id,
      ...schedule,
      durationMinutes: input.durationMinutes,
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
  return {
    status: scheduled ? "ScheduleCreated" : "Provisioned",
    requestId: request.id,
    assignmentId: assignment.id,
    ...schedule,
  };
}

/** Whether a resource is another one or lies below it. */
export async function contains(transaction: Transaction, outerId: string, innerId: string): Promise<boolean> {
  if (outerId === innerId) return true;
  const [row] = await transaction.$queryRaw<{ contains: boolean }[]>`
    SELECT ${outerId}::uuid = ANY (path_ids(path)) AS contains FROM resources WHERE id = ${innerId}::uuid`;
  return row?.contains ?? false;
}

/** Whether a principal has the role at the resource for any moment of a schedule. */
export async function overlapping(
  transaction: Transaction,
  principalId: string,
  roleDefinitionId: string,
  resourceId: string,
  schedule: Schedule,
): Promise<boolean> {
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
  return held.some((other) => overlap(other, schedule));
}
