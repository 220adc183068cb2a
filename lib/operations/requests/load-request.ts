import { keptProof } from "@/lib/authority/kept-proof";
import type { StepUpMethod } from "@/lib/domain/gate/step-up-method";
import type { OpenStage } from "@/lib/domain/requests/approval";
import type { RequestStatus } from "@/lib/domain/requests/request-state";
import { extendsActivation } from "@/lib/domain/requests/request-subject";
import type { ApprovalStage } from "@/lib/domain/roles/approval-settings";
import { approvalStagesShape } from "@/lib/domain/roles/role-settings-shape";
import type { Transaction } from "@/lib/platform/database";
import type { RequestType } from "@/lib/platform/generated/enums";

/** A request's approval, at its open stage. */
export interface RequestApproval extends Omit<OpenStage, "remindsAt"> {
  readonly stages: readonly ApprovalStage[];
  readonly requiresStepUp: boolean;
  readonly round: number;
  readonly givenBy: readonly string[];
}

/** A request as the operations on it need it. */
export interface LoadedRequest {
  readonly id: string;
  readonly requestType: RequestType;
  readonly status: RequestStatus;
  readonly requestorId: string;
  readonly principalId: string;
  readonly principalName: string;
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  readonly eligibilityId: string | null;
  readonly assignmentId: string | null;
  /** The requested start; null: as soon as possible. */
  readonly startsAt: Date | null;
  readonly durationMinutes: number | null;
  /** The requested new end of an extension, and the end of the activation that it extends. Null for other requests. */
  readonly endsAt: Date | null;
  readonly activationEndsAt: Date | null;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
  readonly proofId: string | null;
  /** How that proof was made. Null without one, and once its factor is gone. */
  readonly provedBy: StepUpMethod | null;
  /** What made that proof was removed or replaced (`factorStands`). */
  readonly factorGone: boolean;
  readonly approval: RequestApproval | null;
}

/** The result of a decision. */
export interface DecidedRequest {
  readonly requestId: string;
  readonly status: RequestStatus;
  /** Why the role could not be activated; empty unless the status is `Failed`. */
  readonly reasons: readonly string[];
}

/** Reads a request without locking it; null when unknown. */
export async function findRequest(transaction: Transaction, id: string): Promise<LoadedRequest | null> {
  const found = await transaction.request.findUnique({
    where: { id },
    include: {
      principal: { select: { displayName: true } },
      assignment: { select: { endsAt: true } },
      approval: true,
    },
  });
  if (!found) return null;
  const { approval, proofId } = found;
  const proof = proofId === null ? null : await keptProof(transaction, proofId);
  const factorGone = proof?.stands === false;
  return {
    ...found,
    principalName: found.principal.displayName,
    provedBy: factorGone ? null : (proof?.method ?? null),
    factorGone,
    activationEndsAt: extendsActivation(found) ? (found.assignment?.endsAt ?? null) : null,
    approval: approval && { ...approval, stages: approvalStagesShape.parse(approval.stages) },
  };
}

/** Locks a request and reads it again. */
export async function lockRequest(transaction: Transaction, id: string): Promise<LoadedRequest> {
  await transaction.$queryRaw`SELECT id FROM requests WHERE id = ${id}::uuid FOR UPDATE`;
  const found = await findRequest(transaction, id);
  if (!found) throw new Error("a request that was found is gone");
  return found;
}
