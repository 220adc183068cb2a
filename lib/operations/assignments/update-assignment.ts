import { spendProof } from "@/lib/authority/spend-proof";
import { alwaysStepUp } from "@/lib/authority/step-up-reasons";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { assignmentFailures, reasonsToAssign } from "@/lib/domain/gate/policy-rules";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { statusAfter } from "@/lib/domain/requests/request-state";
import { judgingSettings } from "@/lib/domain/roles/role-settings";
import { type Schedule, scheduleFault } from "@/lib/domain/time/schedule";
import { refuseOverlap } from "@/lib/operations/assignments/extend-or-renew-access";
import { endActivations } from "@/lib/operations/gate/end-activations";
import { removesLastOwner } from "@/lib/operations/gate/guard-last-owner";
import { lockAccess } from "@/lib/operations/gate/load-access";
import { openAssignment } from "@/lib/operations/gate/open-assignment";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { refuseBreakGlassLoss } from "@/lib/operations/gate/refuse-break-glass";
import { refuseDisabled } from "@/lib/operations/gate/refuse-disabled";
import { refuseStale } from "@/lib/operations/gate/refuse-stale";
import { lockAssignmentSettings } from "@/lib/operations/gate/settings-in-force";
import { moveScheduledRequests } from "@/lib/operations/requests/waiting-request";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface UpdateAssignmentInput {
  readonly assignmentType: "Eligible" | "Active";
  /** The eligibility's or the direct assignment's id. */
  readonly id: string;
  /** The times that the administrator was shown. */
  readonly expected: Schedule;
  /** Null keeps the start. A start that has passed cannot be moved. */
  readonly startsAt: Date | null;
  /** Null: permanently. */
  readonly endsAt: Date | null;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** The operation that an administrator's proof for a change is bound to. */
export function updateAssignmentOperation(
  input: Pick<UpdateAssignmentInput, "id" | "expected" | "startsAt" | "endsAt">,
): ProtectedOperation {
  return {
    kind: "UpdateAssignment",
    assignmentId: input.id,
    expected: {
      startsAt: input.expected.startsAt.toISOString(),
      endsAt: input.expected.endsAt?.toISOString() ?? null,
    },
    startsAt: input.startsAt?.toISOString() ?? null,
    endsAt: input.endsAt?.toISOString() ?? null,
  };
}

/**
 * Changes when an eligibility or a direct assignment starts and ends (`AdminUpdate`). A change of a direct assignment
 * spends the administrator's proof if the role settings require MFA on direct assignment (docs/rules.md, rule 1).
 * Activations belong to the member and cannot be updated. If somebody else changed the times since the administrator
 * was shown them, it is refused with the present times. More time is refused for a disabled member.
 */
export function updateAssignment(
  database: Database,
  caller: Caller,
  input: UpdateAssignmentInput,
): Promise<OperationResult<{ requestId: string }>> {
  const active = input.assignmentType === "Active";
  const attempt = {
    kind: active ? ("ActiveAssignmentUpdated" as const) : ("EligibleAssignmentUpdated" as const),
    caller,
    ...(active ? { assignmentId: input.id } : { eligibilityId: input.id }),
    justification: input.justification,
  };
  return runOperation(database, attempt, async (transaction) => {
    const { found, role, resource, entry } = await openAssignment(transaction, caller, attempt, input);
    if (found.assignmentType === "Activated") throw new Refusal(notFound, entry);

    const settings = await lockAssignmentSettings(transaction, role.id, resource);
    const endsForGood = input.endsAt !== null || (input.startsAt !== null && found.startsAt < input.startsAt);
    const closes =
      active &&
      endsForGood &&
      (await removesLastOwner(
        transaction,
        found,
        resource,
        { startsAt: input.startsAt ?? found.startsAt, endsAt: input.endsAt },
        await databaseNow(transaction),
      ));
    const access = await lockAccess(transaction, found);
    if (!access) {
      throw new Refusal({ code: "RoleAssignmentDoesNotExist", message: "This assignment has ended." }, entry);
    }
    await refuseStale(transaction, caller, access, input.expected, entry);
    if (closes) {
      throw new Refusal(
        { code: "LastOwner", message: "The last permanent active Owner at the root must stay permanent." },
        entry,
      );
    }
    const now = await databaseNow(transaction);
    const begun = access.startsAt <= now;
    if (begun && input.startsAt !== null && input.startsAt.getTime() !== access.startsAt.getTime()) {
      throw new Refusal(
        {
          code: "InvalidRoleAssignmentRequestSchedule",
          field: "startsAt",
          message: "It has already started, so its start cannot be changed.",
        },
        entry,
      );
    }
    const startsAt = begun
      ? access.startsAt
      : new Date(Math.max((input.startsAt ?? access.startsAt).getTime(), now.getTime()));
    const schedule = { startsAt, endsAt: input.endsAt };
    const fault = scheduleFault(schedule, now);
    if (fault) throw new Refusal({ code: "InvalidRoleAssignmentRequestSchedule", ...fault }, entry);
    if (shortens(access, schedule)) await refuseBreakGlassLoss(transaction, entry.target, "access", entry);
    const longer = lengthens(access, schedule);
    if (longer) await refuseDisabled(transaction, access.principalId, entry);
    await refuseOverlap(transaction, access, input.assignmentType, schedule, entry);

    const { principalId, roleDefinitionId, resourceId } = access;
    const { assignmentType, endsAt } = input;
    const given = { assignmentType, principalId, roleDefinitionId, resourceId, endsAt };
    const always = longer ? await alwaysStepUp(transaction, caller, [given]) : [];
    const stepUp = reasonsToAssign(assignmentType, settings, always.flat());
    const proof =
      stepUp.length > 0
        ? await spendProof(transaction, caller, input.proofId, updateAssignmentOperation(input))
        : null;
    // If it has begun, the maximum counts from the change, so that a full year can be given again after
    // a year.
    const judged = { startsAt: begun ? now : startsAt, endsAt: input.endsAt };
    const failures = assignmentFailures(settings, {
      ...input,
      schedule: judged,
      stepUp,
      provedBy: proof?.method ?? null,
    });
    if (failures.length > 0) {
      throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);
    }

    if (active) await transaction.assignment.update({ where: { id: access.id }, data: schedule });
    else {
      await transaction.eligibility.update({ where: { id: access.id }, data: schedule });
      if (schedule.endsAt !== null)
        await endActivations(transaction, caller, access.id, schedule.endsAt, now);
    }
    if (!begun) await moveScheduledRequests(transaction, access, startsAt, now);
    const request = await transaction.request.create({
      data: {
        requestType: "AdminUpdate",
        status: statusAfter("New", "Accept", startsAt > now ? "Schedule" : "Provision"),
        requestorId: caller.userId,
        principalId: access.principalId,
        roleDefinitionId: role.id,
        resourceId: resource.id,
        ...(active ? { assignmentId: access.id } : { eligibilityId: access.id }),
        ...schedule,
        justification: input.justification,
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
      proof,
      details: {
        before: { startsAt: access.startsAt.toISOString(), endsAt: access.endsAt?.toISOString() ?? null },
        after: { startsAt: schedule.startsAt.toISOString(), endsAt: schedule.endsAt?.toISOString() ?? null },
        policy: judgingSettings(settings),
        ...(stepUp.length > 0 ? { stepUp } : {}),
      },
    });
    return { requestId: request.id };
  });
}

/** Whether a change takes time away at either end. */
function shortens(before: Schedule, after: Schedule): boolean {
  return (
    after.startsAt > before.startsAt ||
    (after.endsAt !== null && (before.endsAt === null || after.endsAt < before.endsAt))
  );
}

/** Whether a change adds time at either end. */
function lengthens(before: Schedule, after: Schedule): boolean {
  return (
    after.startsAt < before.startsAt ||
    (before.endsAt !== null && (after.endsAt === null || after.endsAt > before.endsAt))
  );
}
