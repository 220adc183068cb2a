import type { SpentProof } from "@/lib/authority/spend-proof";
import { alreadyRequested } from "@/lib/domain/requests/activation-refusal";
import { openStage } from "@/lib/domain/requests/approval";
import {
  isWaiting,
  statusAfter,
  type WaitingStatus,
  waitingStatuses,
} from "@/lib/domain/requests/request-state";
import { judgingSettings, type RoleSettings, stagesInForce } from "@/lib/domain/roles/role-settings";
import { Refusal } from "@/lib/operations/gate/refusal";
import { approverNames } from "@/lib/operations/requests/approver-names";
import { closeRequest } from "@/lib/operations/requests/close-request";
import { refuseTooManyRequests } from "@/lib/operations/requests/limit-requests";
import { lockRequest } from "@/lib/operations/requests/load-request";
import { revokeOrphaned } from "@/lib/operations/requests/revoke-orphaned-requests";
import { timedOutEntry } from "@/lib/operations/requests/time-out-requests";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";
import type { Prisma } from "@/lib/platform/generated/client";

/** An activation that meets every rule but approval. */
export interface ActivationToApprove {
  readonly principalId: string;
  readonly role: { readonly id: string; readonly roleName: string };
  readonly resource: {
    readonly id: string;
    readonly displayName: string;
    readonly scope: string;
    readonly path: string;
  };
  readonly eligibilityId: string;
  readonly startsAt: Date | null;
  readonly durationMinutes: number;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
  readonly settings: RoleSettings;
  readonly proof: SpentProof | null;
}

/** An extension of a running activation that meets every rule but approval. */
export interface ExtensionToApprove extends ActivationToApprove {
  readonly assignmentId: string;
  readonly presentEnd: Date;
  readonly endsAt: Date;
}

type Subject = Pick<ActivationToApprove, "role" | "resource">;

/**
 * Creates the request of an activation that requires approval. A member has at most one waiting request for a role at
 * a resource, for approval or for the code after it. A second is refused with `PendingRoleAssignmentRequest`. If the
 * first timed out, or its eligibility is gone, it is recorded as ended first.
 */
export async function submitForApproval(
  transaction: Transaction,
  asked: ActivationToApprove,
  entry: Omit<AuditEntry, "outcome">,
  now: Date,
): Promise<{ requestId: string; expiresAt: Date }> {
  const { principalId, role, resource } = asked;
  const subject = { principalId, roleDefinitionId: role.id, resourceId: resource.id };
  const waiting = await stillWaiting(
    transaction,
    { ...subject, requestType: "SelfActivate" },
    { role, resource },
    now,
  );
  if (waiting) throw new Refusal(alreadyRequested(waiting), entry);
  // Two at once, through two eligibilities, meet at the unique index, and the second inserts nothing.
  const request = await writeRequest(transaction, asked, { requestType: "SelfActivate" }, entry, now);
  if (!request) throw new Refusal(alreadyRequested("PendingApproval"), entry);
  return request;
}

/**
 * Creates the request of an extension that requires approval. The activation is locked, and no other
 * request to extend it waits. Nobody can decide it after the activation has ended.
 */
export async function askToExtend(
  transaction: Transaction,
  asked: ExtensionToApprove,
  entry: Omit<AuditEntry, "outcome">,
  now: Date,
): Promise<{ requestId: string; expiresAt: Date }> {
  const { assignmentId, presentEnd, endsAt } = asked;
  const about = { requestType: "SelfExtend", assignmentId, endsAt, endBefore: presentEnd } as const;
  const request = await writeRequest(transaction, asked, about, entry, now);
  if (!request) throw new Error("a second request to extend an activation was written at the same time");
  return request;
}

type About =
  | { readonly requestType: "SelfActivate" }
  | {
      readonly requestType: "SelfExtend";
      readonly assignmentId: string;
      readonly endsAt: Date;
      readonly endBefore: Date;
    };

/** Writes a request with its approval, at the first stage. Null if another one waits already. */
async function writeRequest(
  transaction: Transaction,
  asked: ActivationToApprove,
  about: About,
  entry: Omit<AuditEntry, "outcome">,
  now: Date,
): Promise<{ requestId: string; expiresAt: Date } | null> {
  const { principalId, role, resource, settings, proof } = asked;
  await refuseTooManyRequests(transaction, principalId, entry);

  const extension = about.requestType === "SelfExtend" ? about : null;
  const stages = stagesInForce(settings);
  const open = openStage(stages, 0, now, extension?.endBefore ?? null);
  const [request] = await transaction.request.createManyAndReturn({
    data: [
      {
        principalId,
        roleDefinitionId: role.id,
        resourceId: resource.id,
        requestType: about.requestType,
        assignmentId: extension?.assignmentId,
        endsAt: extension?.endsAt,
        status: statusAfter("New", "AskForApproval"),
        requestorId: principalId,
        eligibilityId: asked.eligibilityId,
        startsAt: asked.startsAt,
        durationMinutes: asked.durationMinutes,
        justification: asked.justification,
        ticketNumber: asked.ticketNumber,
        ticketSystem: asked.ticketSystem,
        policy: judgingSettings(settings),
        proofId: proof?.id,
      },
    ],
    skipDuplicates: true,
    select: { id: true },
  });
  if (!request) return null;
  await transaction.requestApproval.create({
    data: {
      requestId: request.id,
      stages: stages.map((stage) => ({ ...stage })),
      requiresStepUp: settings.approvalRequiresStepUp,
      ...open,
      approverIds: [...open.approverIds],
      escalationIds: [...open.escalationIds],
    },
  });
  await recordAuditEvent(transaction, {
    ...entry,
    kind: extension ? "ActivationExtensionRequested" : "ActivationRequested",
    outcome: "Success",
    requestId: request.id,
    proof,
    details: {
      ...entry.details,
      approverIds: [...open.approverIds],
      expiresAt: open.expiresAt.toISOString(),
      ...(extension ? { endBefore: extension.endBefore.toISOString() } : {}),
      approvers: await approverNames(transaction, [{ approvalStages: stages }]),
      policy: judgingSettings(settings),
    },
  });
  return { requestId: request.id, expiresAt: open.expiresAt };
}

/**
 * The status of a request that waits for an approval or for its member's code; null if none does. A
 * request that has ended by now is recorded as ended, and does not count.
 */
export async function stillWaiting(
  transaction: Transaction,
  which: Prisma.RequestWhereInput,
  { role, resource }: Subject,
  now: Date,
): Promise<WaitingStatus | null> {
  const waiting = await transaction.request.findFirst({
    where: { ...which, status: { in: [...waitingStatuses] } },
    select: { id: true, status: true },
  });
  if (!waiting || (await makesWay(transaction, waiting.id, role, resource, now))) return null;
  return waiting.status === "PendingProvisioning" ? waiting.status : "PendingApproval";
}

/** Whether a request that was found waiting has ended by now. If so, its end is recorded. */
async function makesWay(
  transaction: Transaction,
  requestId: string,
  role: ActivationToApprove["role"],
  resource: ActivationToApprove["resource"],
  now: Date,
): Promise<boolean> {
  const before = await lockRequest(transaction, requestId);
  if (!isWaiting(before.status)) return true;
  if ((await revokeOrphaned(transaction, null, { requestId })) > 0) return true;
  if (before.approval && before.approval.expiresAt <= now) {
    await closeRequest(transaction, before, "TimeOut", { completedAt: before.approval.expiresAt });
    await recordAuditEvent(transaction, timedOutEntry(before, role, resource));
    return true;
  }
  return false;
}
