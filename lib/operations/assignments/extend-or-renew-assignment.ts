import type { AuditKind } from "@/lib/domain/audit/audit-kinds";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { statusAfter } from "@/lib/domain/requests/request-state";
import { judgingSettings } from "@/lib/domain/roles/role-settings";
import type { Schedule } from "@/lib/domain/time/schedule";
import {
  type ExtendedOrRenewed,
  type ExtensionOrRenewal,
  extendOrRenewAccess,
} from "@/lib/operations/assignments/extend-or-renew-access";
import { lockRow } from "@/lib/operations/gate/load-access";
import { openAssignment } from "@/lib/operations/gate/open-assignment";
import type { Prove } from "@/lib/operations/gate/prove";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { refuseDisabled } from "@/lib/operations/gate/refuse-disabled";
import { refuseStale } from "@/lib/operations/gate/refuse-stale";
import { lockAssignmentSettings } from "@/lib/operations/gate/settings-in-force";
import { cancelWaitingRequests, subjectOf } from "@/lib/operations/requests/waiting-request";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export type ExtendedOrRenewedAssignment = ExtendedOrRenewed & { readonly requestId: string };

/** The kind of event of an extension or renewal. */
export function extensionEventKind(done: Pick<ExtendedOrRenewed, "assignmentType" | "verb">): AuditKind {
  return `${done.assignmentType}Assignment${done.verb}`;
}

/** What the event of an extension or renewal says. */
export function extensionEventFacts(
  done: ExtendedOrRenewed,
): Pick<AuditEntry, "eligibilityId" | "assignmentId" | "details"> {
  const times = (schedule: ExtendedOrRenewed["before"]) => ({
    startsAt: schedule.startsAt.toISOString(),
    endsAt: schedule.endsAt?.toISOString() ?? null,
  });
  return {
    eligibilityId: done.resultingEligibilityId ?? done.replacedId,
    assignmentId: done.resultingAssignmentId ?? done.replacedId,
    details: {
      before: times(done.before),
      after: times(done.after),
      ...(done.stepUp.length > 0 ? { stepUp: done.stepUp } : {}),
      ...(done.endedActivations > 0 ? { endedActivations: done.endedActivations } : {}),
    },
  };
}

/**
 * An administrator's extension or renewal, within a transaction of the verb or of a batch. Checks the right, locks,
 * applies the rules, writes request and event, and cancels the member's waiting request.
 */
export async function extendOrRenewAssignmentIn(
  transaction: Transaction,
  caller: Caller,
  verb: "Extended" | "Renewed",
  input: Omit<ExtensionOrRenewal, "assignmentType"> & {
    readonly assignmentType: "Eligible" | "Active";
    readonly id: string;
    /** The end that an extension was shown with. Null for a renewal, and for a preview, which shows it. */
    readonly expected: Pick<Schedule, "endsAt"> | null;
  },
  prove: Prove,
  operation: ProtectedOperation,
  attempt: Omit<AuditEntry, "outcome">,
): Promise<ExtendedOrRenewedAssignment> {
  const opened = await openAssignment(transaction, caller, { ...attempt, caller }, input);
  const { found, role, resource, entry } = opened;
  if (found.assignmentType === "Activated") throw new Refusal(notFound, entry);
  await refuseDisabled(transaction, found.principalId, entry);

  const settings = await lockAssignmentSettings(transaction, role.id, resource);
  const access = await lockRow(transaction, found);
  const now = await databaseNow(transaction);
  const ended = access.endsAt !== null && access.endsAt <= now;
  if (access.removedAt !== null) {
    throw new Refusal(
      {
        code: "RoleAssignmentDoesNotExist",
        message: "This assignment was removed. Add a new one instead.",
      },
      entry,
    );
  }
  if (ended !== (verb === "Renewed")) {
    const message = ended
      ? "This assignment has ended. Renew it instead."
      : "This assignment has not ended. Extend it instead.";
    throw new Refusal({ code: "RoleAssignmentDoesNotExist", message }, entry);
  }
  if (input.expected) {
    const shown = { startsAt: access.startsAt, endsAt: input.expected.endsAt };
    await refuseStale(transaction, caller, access, shown, entry);
  }

  const proof = (resistantOnly: boolean) => prove(operation, resistantOnly);
  const done = await extendOrRenewAccess(transaction, access, input, settings, proof, entry, now);
  await cancelWaitingRequests(transaction, caller, access, { target: entry.target, role, resource }, now);
  const request = await transaction.request.create({
    data: {
      requestType: verb === "Extended" ? "AdminExtend" : "AdminRenew",
      status: statusAfter("New", "Accept", done.after.startsAt > now ? "Schedule" : "Provision"),
      requestorId: caller.userId,
      principalId: access.principalId,
      roleDefinitionId: role.id,
      resourceId: resource.id,
      ...subjectOf(access),
      resultingEligibilityId: done.resultingEligibilityId,
      resultingAssignmentId: done.resultingAssignmentId,
      ...done.after,
      justification: input.justification,
      policy: judgingSettings(settings),
      proofId: done.proof?.id,
      completedAt: now,
    },
    select: { id: true },
  });
  const facts = extensionEventFacts(done);
  await recordAuditEvent(transaction, {
    ...entry,
    ...facts,
    kind: extensionEventKind(done),
    outcome: "Success",
    requestId: request.id,
    proof: done.proof,
    details: {
      ...facts.details,
      ...(verb === "Renewed" ? { renewedFrom: access.id } : {}),
      policy: judgingSettings(settings),
    },
  });
  return { ...done, requestId: request.id };
}
