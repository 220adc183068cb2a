import { visibleResource } from "@/lib/authority/authority";
import type { SpentProof } from "@/lib/authority/spend-proof";
import { activationSchedule } from "@/lib/domain/gate/activation-time";
import { activationFailures } from "@/lib/domain/gate/policy-rules";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { alreadyAssigned, notEligible } from "@/lib/domain/requests/activation-refusal";
import { type RequestStatus, statusAfter } from "@/lib/domain/requests/request-state";
import { activationTakesResistant } from "@/lib/domain/roles/factors-asked";
import { judgingSettings, type RoleSettings, stagesInForce } from "@/lib/domain/roles/role-settings";
import { isInEffect, scheduleFault } from "@/lib/domain/time/schedule";
import { findExistingHolder } from "@/lib/operations/gate/existing-access";
import { findOwnEligibility, lockAccess } from "@/lib/operations/gate/load-access";
import { lockReach } from "@/lib/operations/gate/lock-reach";
import { notAsked, type Prove } from "@/lib/operations/gate/prove";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { conflictsOf, refuseFoundConflicts } from "@/lib/operations/gate/refuse-conflicts";
import { lockActivationSettings } from "@/lib/operations/gate/settings-in-force";
import { hasEndedTooMany, tooManyActivations } from "@/lib/operations/requests/limit-requests";
import { submitForApproval } from "@/lib/operations/requests/submit-for-approval";
import { type AuditEntry, recordWithChange, type WrittenIds } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** One role that a member activates, and why. */
export interface RoleActivation {
  readonly eligibilityId: string;
  /** The eligibility's resource, or one below it to narrow the activation to. */
  readonly resourceId: string;
  /** Null: at once. */
  readonly startsAt: Date | null;
  readonly durationMinutes: number;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
  /** The name of the bundle that it was activated with, for the log. */
  readonly bundle?: string | null;
  /** Whether it is the last thing that its transaction does. */
  readonly last?: boolean;
}

/**
 * The result of an activation: the role is active, from now or from a later start, or the request waits for approval.
 */
export type ActivatedRole =
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
      /** Until when somebody may decide, under the present settings. */
      readonly expiresAt: Date;
    };

/** What the log says of the bundle, if there is one. */
const bundleOf = ({ bundle }: RoleActivation) => (bundle ? { bundle } : {});

/** The log entry of an attempt that is refused before the role is known. */
export function activationAttempt(caller: Caller, input: RoleActivation) {
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
      ...bundleOf(input),
    },
  };
}

/**
 * Activates one role within a transaction: locks, applies the rules, and writes assignment, request and event, or
 * throws a `Refusal`. If the settings require approval, it writes only the request, with its proof spent, and the
 * approvers decide. Calls `prove` for a proof of `operation` only if the settings require one.
 */
export async function activateRoleIn(
  transaction: Transaction,
  caller: Caller,
  input: RoleActivation,
  prove: Prove,
  operation: ProtectedOperation,
): Promise<ActivatedRole> {
  const attempt = activationAttempt(caller, input);
  const found = await findOwnEligibility(transaction, caller.userId, input.eligibilityId, input.resourceId);
  if (!found) throw new Refusal(notFound, attempt);
  const { access, role, resource } = found;
  // A resource that they may not know of gets the answer for an unknown one.
  if (!found.within && !(await visibleResource(transaction, caller.userId, resource.id)))
    throw new Refusal(notFound, attempt);
  const entry = { ...attempt, role, resource };

  // What does not depend on an answer is sent together, and runs in this order.
  const [settings, eligibility, { reached, now }] = await Promise.all([
    lockActivationSettings(transaction, role.id, access.resourceId, resource),
    lockAccess(transaction, access),
    lockReach(transaction, caller.userId, access.principalId),
  ]);
  if (!eligibility || !reached || !isInEffect(eligibility, now) || !found.within)
    throw new Refusal(notEligible, entry);

  const startsAt = input.startsAt !== null && input.startsAt > now ? input.startsAt : now;
  const schedule = activationSchedule(startsAt, input.durationMinutes, eligibility);
  const fault = scheduleFault(schedule, now);
  if (fault?.field === "startsAt") {
    throw new Refusal({ code: "InvalidRoleAssignmentRequestSchedule", ...fault }, entry);
  }
  const activation = {
    assignmentType: "Active" as const,
    principalIds: [caller.userId],
    roleDefinitionId: role.id,
    resourceId: resource.id,
    schedule,
  };
  const given = [
    { principalId: caller.userId, roleDefinitionId: role.id, resourceId: resource.id, schedule },
  ];
  const [holder, conflicts, tooMany, { proof, provedBy }] = await Promise.all([
    findExistingHolder(transaction, activation),
    conflictsOf(transaction, { given }),
    hasEndedTooMany(transaction, caller.userId),
    // Spent with the locks held that conflicts are judged by. A refusal makes it unspent again.
    settings.activationRequiresMfa ? prove(operation, activationTakesResistant(settings)) : notAsked,
  ]);
  if (holder !== null) throw new Refusal(alreadyAssigned, entry);
  await refuseFoundConflicts(transaction, caller.userId, { given }, conflicts, entry);

  const failures = activationFailures(settings, { ...input, schedule, eligibility, provedBy });
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
    return { status: "PendingApproval", ...(await submitForApproval(transaction, asked, entry, now)) };
  }

  if (tooMany) throw tooManyActivations(entry);
  const scheduled = startsAt > now;
  const event = {
    ...entry,
    proof,
    details: {
      startsAt: schedule.startsAt.toISOString(),
      endsAt: schedule.endsAt.toISOString(),
      policy: judgingSettings(settings),
      ...bundleOf(input),
    },
  };
  const ids = await writeActivation(transaction, event, {
    ...input,
    principalId: caller.userId,
    roleDefinitionId: role.id,
    resourceId: resource.id,
    eligibilityId: eligibility.id,
    schedule,
    status: statusAfter("New", "Accept", scheduled ? "Schedule" : "Provision"),
    settings,
    proof,
    now,
  });
  return { status: scheduled ? "ScheduleCreated" : "Provisioned", ...ids, ...schedule };
}

interface Activation extends RoleActivation {
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly schedule: { readonly startsAt: Date; readonly endsAt: Date };
  readonly status: RequestStatus;
  readonly settings: RoleSettings;
  readonly proof: SpentProof | null;
  readonly now: Date;
}

/** Writes the assignment, its request and the event in one statement, since people wait for it with a code in hand. */
function writeActivation(
  transaction: Transaction,
  event: Omit<AuditEntry, "outcome">,
  activation: Activation,
): Promise<WrittenIds> {
  const { principalId, roleDefinitionId, resourceId, eligibilityId, schedule } = activation;
  const change = Prisma.sql`
    assignment AS (
      INSERT INTO assignments
        (principal_id, role_definition_id, resource_id, assignment_type, eligibility_id, starts_at, ends_at)
      VALUES (${principalId}::uuid, ${roleDefinitionId}::uuid, ${resourceId}::uuid, 'Activated',
        ${eligibilityId}::uuid, ${schedule.startsAt}::timestamptz, ${schedule.endsAt}::timestamptz)
      RETURNING *),
    written AS (
      INSERT INTO requests
        (request_type, status, requestor_id, principal_id, role_definition_id, resource_id, eligibility_id,
          assignment_id, starts_at, ends_at, duration_minutes, justification, ticket_number, ticket_system, policy,
          proof_id, completed_at)
      SELECT 'SelfActivate', ${activation.status}::request_status, a.principal_id, a.principal_id,
        a.role_definition_id, a.resource_id, a.eligibility_id, a.id, a.starts_at, a.ends_at,
        ${activation.durationMinutes}::int, ${activation.justification}, ${activation.ticketNumber},
        ${activation.ticketSystem}, ${JSON.stringify(judgingSettings(activation.settings))}::jsonb,
        ${activation.proof?.id ?? null}::uuid, ${activation.now}::timestamptz
      FROM assignment a
      RETURNING id AS request_id, assignment_id)`;
  return recordWithChange(transaction, change, event, activation.last ?? false);
}
