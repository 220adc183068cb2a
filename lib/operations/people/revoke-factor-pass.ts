import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { isolated } from "@/lib/domain/text/visible-text";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { openPrincipal } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/**
 * Revokes somebody's open one-time pass. It requires the authority for making one, and no step-up,
 * since it gives nobody anything.
 */
export function revokeFactorPass(
  database: Database,
  caller: Caller,
  input: { readonly principalId: string; readonly justification: string | null },
): Promise<OperationResult<object>> {
  const { principalId, justification } = input;
  const attempt = { kind: "FactorPassRevoked" as const, caller, justification, details: { principalId } };
  return runOperation(database, attempt, async (transaction) => {
    const { principal, entry } = await openPrincipal(transaction, caller, attempt, principalId);
    const access = await privilegesUntilCommit(transaction, [principal.id]);
    await requireAuthorityOver(transaction, caller, access, entry);
    const revoked = await transaction.$executeRaw`
      UPDATE factor_passes SET replaced_at = postern_now()
      WHERE user_id = ${principal.id}::uuid AND used_at IS NULL AND replaced_at IS NULL AND expires_at > postern_now()`;
    if (revoked === 0) {
      const message = `${isolated(principal.displayName)} has no open one-time pass.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return {};
  });
}
