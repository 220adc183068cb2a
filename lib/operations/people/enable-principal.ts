import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { type Privilege, privilegeNames } from "@/lib/domain/gate/privileges";
import { isolated } from "@/lib/domain/text/visible-text";
import { grantAccess } from "@/lib/operations/gate/grant-access";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import {
  endSessionsOf,
  endUnreachedActivations,
  openPrincipal,
  refuseOwned,
} from "@/lib/operations/people/manage-principals";
import { revokeOrphaned } from "@/lib/operations/requests/revoke-orphaned-requests";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface EnablePrincipalInput {
  readonly principalId: string;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/**
 * Enables a disabled principal, which restores the access it still has. It requires what assigning that access would
 * (`grantAccess`).
 */
export function enablePrincipal(
  database: Database,
  caller: Caller,
  input: EnablePrincipalInput,
): Promise<OperationResult<{ given: number }>> {
  const attempt = {
    kind: "PrincipalEnabled" as const,
    caller,
    justification: input.justification,
    details: { principalId: input.principalId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { principal, entry } = await openPrincipal(transaction, caller, attempt, input.principalId);
    refuseOwned(principal, entry);
    if (principal.disabledAt === null) {
      throw new Refusal(
        { code: "Conflict", message: `${isolated(principal.displayName)} is already enabled.` },
        entry,
      );
    }
    const access = await privilegesUntilCommit(transaction, [principal.id]);
    const operation = { kind: "EnablePrincipal" as const, principalId: principal.id };
    const { proof, stepUp } = await grantAccess(
      transaction,
      caller,
      access,
      {
        ...input,
        operation,
        from: [principal.id],
        to: [principal.id],
        joining: [{ groupId: null, memberId: principal.id }],
      },
      entry,
    );
    const details = stepUp.length > 0 ? { stepUp } : {};
    await enablePrincipalIn(transaction, principal.id, access, { ...entry, proof, details });
    return { given: access.length };
  });
}

/** Enables a principal in the caller's transaction. The caller has locked it and judged what it gets back. */
export async function enablePrincipalIn(
  transaction: Transaction,
  principalId: string,
  access: readonly Privilege[],
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  // What was added while it was being disabled is not restored.
  await endUnreachedActivations(transaction, null, [principalId], await databaseNow(transaction));
  const revokedRequests = await revokeOrphaned(transaction, null, { principalIds: [principalId] });
  await endSessionsOf(transaction, principalId);
  await transaction.principal.update({
    where: { id: principalId },
    data: { disabledAt: null, version: { increment: 1 } },
  });
  await recordAuditEvent(transaction, {
    ...entry,
    outcome: "Success",
    details: { ...entry.details, given: privilegeNames(access), revokedRequests },
  });
}
