import type { ResourceFacts } from "@/lib/authority/authority";
import { orphanedSince } from "@/lib/authority/request-basis";
import { type RequestStatus, statusAt } from "@/lib/domain/requests/request-state";
import { extendsActivation, isOfActivation } from "@/lib/domain/requests/request-subject";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import type { Schedule } from "@/lib/domain/time/schedule";
import { findExistingHolder } from "@/lib/operations/gate/existing-access";
import {
  findAccess,
  type HeldAccess,
  type LockedAccess,
  loadRoleAtResource,
  lockAccess,
  type RoleFacts,
} from "@/lib/operations/gate/load-access";
import { lockReach } from "@/lib/operations/gate/lock-reach";
import { lockActivationSettings } from "@/lib/operations/gate/settings-in-force";
import { findRequest, type LoadedRequest, lockRequest } from "@/lib/operations/requests/load-request";
import type { Transaction } from "@/lib/platform/database";
import type { GivenAccess } from "@/lib/platform/role-conflicts";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * A request that requires or required approval, to activate a role or to extend an activation, with its
 * role, resource and eligibility.
 */
export interface ActivationRequest {
  readonly request: LoadedRequest;
  readonly role: RoleFacts;
  readonly resource: ResourceFacts;
  readonly eligibility: HeldAccess;
  /** The activation that it extends; null for a request to activate. */
  readonly activation: HeldAccess | null;
}

/** Finds such a request; null when there is none. Locks only the role. */
export async function findActivationRequest(
  transaction: Transaction,
  requestId: string,
): Promise<ActivationRequest | null> {
  const request = await findRequest(transaction, requestId);
  if (!request || !isOfActivation(request) || !request.approval || request.eligibilityId === null)
    return null;
  const subject = await loadRoleAtResource(transaction, request.roleDefinitionId, request.resourceId);
  const eligibility = await findAccess(transaction, "Eligible", request.eligibilityId);
  const activation =
    extendsActivation(request) && request.assignmentId !== null
      ? await findAccess(transaction, "Active", request.assignmentId)
      : null;
  return subject && eligibility && { request, ...subject, eligibility, activation };
}

/** The same after locking everything that judges it. */
export interface LockedActivationRequest {
  readonly request: LoadedRequest;
  readonly status: RequestStatus;
  readonly settings: RoleSettings;
  /** Null when it has ended. */
  readonly eligibility: LockedAccess | null;
  /** The activation that it extends; null when it has ended, and for a request to activate. */
  readonly activation: LockedAccess | null;
  /** Whether its member still reaches the eligibility. */
  readonly reached: boolean;
  readonly now: Date;
}

/**
 * Locks the settings, the eligibility, the activation that it extends, the member's reach of the eligibility and the
 * request (docs/decisions/locking-order.md).
 */
export async function lockActivationRequest(
  transaction: Transaction,
  { request: found, role, resource, eligibility: access, activation: running }: ActivationRequest,
): Promise<LockedActivationRequest> {
  const settings = await lockActivationSettings(transaction, role.id, access.resourceId, resource);
  const eligibility = await lockAccess(transaction, access);
  const activation = running && (await lockAccess(transaction, running));
  const { reached } = await lockReach(transaction, found.principalId, access.principalId);
  const request = await lockRequest(transaction, found.id);
  const now = await databaseNow(transaction);
  const status = await statusNow(transaction, request, now);
  return { request, status, settings, eligibility, activation, reached, now };
}

/** The status of a locked request at a moment (docs/rules.md, rule 5). */
export async function statusNow(
  transaction: Transaction,
  request: LoadedRequest,
  now: Date,
): Promise<RequestStatus> {
  const expiresAt = request.approval?.expiresAt ?? null;
  return statusAt({ ...request, expiresAt, orphanedAt: await orphanedSince(transaction, request.id) }, now);
}

/** Whether the member of a request already has its role at its resource at any moment of a schedule. */
export async function memberHasRoleDuring(
  transaction: Transaction,
  { principalId, roleDefinitionId, resourceId }: LoadedRequest,
  schedule: Schedule,
): Promise<boolean> {
  const access = {
    assignmentType: "Active" as const,
    principalIds: [principalId],
    roleDefinitionId,
    resourceId,
  };
  return (await findExistingHolder(transaction, { ...access, schedule })) !== null;
}

/** The active access that a request would give. */
export function givenBy(
  { principalId, roleDefinitionId, resourceId }: LoadedRequest,
  schedule: Schedule,
): GivenAccess {
  return { principalId, roleDefinitionId, resourceId, schedule };
}
