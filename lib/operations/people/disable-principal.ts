import { privilegesUntilCommit, recheckBeforeOwnLoss } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { type Privilege, privilegeNames } from "@/lib/domain/gate/privileges";
import { isolated } from "@/lib/domain/text/visible-text";
import { disablingRemovesLastOwner } from "@/lib/operations/gate/guard-last-owner";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { refuseBreakGlassLoss } from "@/lib/operations/gate/refuse-break-glass";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import {
  endSessionsOf,
  endUnreachedActivations,
  openPrincipal,
  type PrincipalFacts,
  refuseOwned,
} from "@/lib/operations/people/manage-principals";
import { revokeOrphaned } from "@/lib/operations/requests/revoke-orphaned-requests";
import { endExceptions, exceptionsOf } from "@/lib/operations/roles/conflict-exceptions";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Actor, Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface DisablePrincipalInput {
  readonly principalId: string;
  readonly justification: string | null;
}

/**
 * Disables a principal. Access and sessions end with the commit. Activations, waiting requests and
 * exceptions from conflict rules end for good. Eligibilities and direct assignments stay, and count
 * again once the principal is enabled. The last permanent active Owner at the root cannot be disabled
 * (docs/rules.md, rule 11), and nobody disables themselves.
 */
export function disablePrincipal(
  database: Database,
  caller: Caller,
  input: DisablePrincipalInput,
): Promise<OperationResult<{ endedSessions: number; endedActivations: number }>> {
  const attempt = {
    kind: "PrincipalDisabled" as const,
    caller,
    justification: input.justification,
    details: { principalId: input.principalId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { principal, entry } = await openPrincipal(transaction, caller, attempt, input.principalId);
    refuseOwned(principal, entry);
    if (principal.id === caller.userId) {
      throw new Refusal(
        { code: "Conflict", message: "You cannot disable yourself. Ask another administrator." },
        entry,
      );
    }
    if (principal.disabledAt !== null) {
      throw new Refusal(
        { code: "Conflict", message: `${isolated(principal.displayName)} is already disabled.` },
        entry,
      );
    }
    const access = await privilegesUntilCommit(transaction, [principal.id]);
    await requireAuthorityOver(transaction, caller, access, entry);
    return disablePrincipalIn(transaction, caller, principal, access, entry);
  });
}

/**
 * Disables a principal in the caller's transaction. The caller has locked it. `actor` is null for a
 * directory, which the entry names. Refuses for the last Owner and for a break-glass account.
 */
export async function disablePrincipalIn(
  transaction: Transaction,
  actor: Actor | null,
  principal: Pick<PrincipalFacts, "id" | "displayName">,
  access: readonly Privilege[],
  entry: Omit<AuditEntry, "outcome">,
): Promise<{ endedSessions: number; endedActivations: number }> {
  if (await disablingRemovesLastOwner(transaction, principal.id, await databaseNow(transaction))) {
    throw new Refusal(
      {
        code: "LastOwner",
        message: `${isolated(principal.displayName)} is the last permanent active Owner at the root and cannot be disabled.`,
      },
      entry,
    );
  }
  await refuseBreakGlassLoss(transaction, principal, "disabled", entry);
  if (actor !== null) await recheckBeforeOwnLoss(transaction, actor.userId, [principal.id]);
  const now = await databaseNow(transaction);
  await transaction.principal.update({
    where: { id: principal.id },
    data: { disabledAt: now, version: { increment: 1 } },
  });
  const { length: endedActivations } = await endUnreachedActivations(transaction, actor, [principal.id], now);
  const revokedRequests = await revokeOrphaned(transaction, actor, { principalIds: [principal.id] });
  const endedExceptions = await endExceptions(
    transaction,
    actor,
    exceptionsOf.principal(principal.id),
    "PrincipalDisabled",
  );
  const endedSessions = await endSessionsOf(transaction, principal.id);
  await transaction.passwordTicket.updateMany({
    where: { userId: principal.id, usedAt: null, replacedAt: null },
    data: { replacedAt: now },
  });
  await transaction.factorPass.updateMany({
    where: { userId: principal.id, usedAt: null, replacedAt: null },
    data: { replacedAt: now },
  });
  // Otherwise somebody could sign in with an issued link once they are enabled again.
  await transaction.identityLinkPass.deleteMany({ where: { principalId: principal.id } });
  await recordAuditEvent(transaction, {
    ...entry,
    outcome: "Success",
    details: {
      ...entry.details,
      ...{ endedSessions, endedActivations, endedExceptions, revokedRequests },
      suspended: privilegeNames(access),
    },
  });
  return { endedSessions, endedActivations };
}
