import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { passHours } from "@/lib/domain/people/factor-pass";
import { addHours } from "@/lib/domain/time/schedule";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { openPrincipal } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface IssueFactorPassInput {
  readonly principalId: string;
  readonly hours: number;
  /** The hash of the pass. The pass itself is shown once and not stored. */
  readonly passHash: Uint8Array<ArrayBuffer>;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** The operation that an administrator's proof for it is bound to. */
export function issueFactorPassOperation(
  input: Pick<IssueFactorPassInput, "principalId" | "hours">,
): ProtectedOperation {
  return { kind: "IssueFactorPass", principalId: input.principalId, hours: input.hours };
}

/**
 * Makes a one-time pass with which another person can enrol a first factor, once and for some hours. It
 * replaces any open one. Anyone who has the pass and the password can prove to be that person. So it
 * always requires authority over all their access, and a step-up of the administrator.
 */
export function issueFactorPass(
  database: Database,
  caller: Caller,
  input: IssueFactorPassInput,
): Promise<OperationResult<{ expiresAt: Date }>> {
  const { principalId, hours, passHash, justification } = input;
  const details = { principalId, hours };
  const attempt = { kind: "FactorPassIssued" as const, caller, justification, details };
  return runOperation(database, attempt, async (transaction) => {
    const { principal, entry } = await openPrincipal(transaction, caller, attempt, principalId);
    if (principal.type !== "User" || principal.disabledAt !== null) throw new Refusal(notFound, entry);
    if (principal.id === caller.userId) {
      const message = "Add a factor of your own on the Factors page. You need one that you already have.";
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const access = await privilegesUntilCommit(transaction, [principal.id]);
    await requireAuthorityOver(transaction, caller, access, entry);
    if (!Number.isInteger(hours) || hours < passHours.least || hours > passHours.most) {
      const message = `Choose from ${passHours.least} to ${passHours.most} whole hours.`;
      throw new Refusal({ code: "InvalidInput", faults: [{ field: "hours", message }] }, entry);
    }
    const operation = issueFactorPassOperation({ principalId: principal.id, hours });
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    const now = await databaseNow(transaction);
    const { count: replaced } = await transaction.factorPass.updateMany({
      where: { userId: principal.id, usedAt: null, replacedAt: null },
      data: { replacedAt: now },
    });
    const expiresAt = addHours(now, hours);
    await transaction.factorPass.create({
      data: { userId: principal.id, passHash, madeById: caller.userId, expiresAt },
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      proof,
      details: { ...details, expiresAt: expiresAt.toISOString(), replaced: replaced > 0 },
    });
    return { expiresAt };
  });
}
