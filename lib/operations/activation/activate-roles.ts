import { type SpentProof, spendProof } from "@/lib/authority/spend-proof";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { byEligibility, type ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import {
  activationAttempt,
  type TakenUpRole,
  type TakeUpRoleInput,
  takeUpRole,
} from "@/lib/operations/activation/take-up-role";
import { alreadyAssigned, Refusal, refusedEntry } from "@/lib/operations/gate/refusal";
import { type AuditEntry, recordAuditEvents, recordRefusals } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { isExclusionViolation } from "@/lib/platform/database-errors";
import { inTransaction } from "@/lib/platform/transaction";

export interface ActivateRolesInput {
  readonly items: readonly Pick<TakeUpRoleInput, "eligibilityId" | "resourceId" | "durationMinutes">[];
  /** Of all of them; null: at once. */
  readonly startsAt: Date | null;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
  readonly proofId: string | null;
}

/** What became of one of the roles asked for. */
export interface RoleOutcome {
  readonly eligibilityId: string;
  readonly resourceId: string;
  readonly result: OperationResult<TakenUpRole>;
}

/** The operation that one code confirms: every eligibility, scope, start and duration. */
export function activationOfSeveral(
  input: Pick<ActivateRolesInput, "items" | "startsAt">,
): ProtectedOperation {
  const startsAt = input.startsAt?.toISOString() ?? null;
  return {
    kind: "ActivateRoles",
    items: input.items.map(({ eligibilityId, resourceId, durationMinutes }) => ({
      eligibilityId,
      resourceId,
      startsAt,
      durationMinutes,
    })),
  };
}

/**
 * Takes up several roles with one reason and one proof, in one transaction. Each stands under its own settings and
 * succeeds or fails on its own (a savepoint each), refused ones logged beside the others. The proof is spent once,
 * with the first activation that wants it; when no such activation comes about, it stays unspent. When none succeeds
 * nothing is left behind but the refusals in the log. Answers in the order of `input.items`.
 */
export async function activateRoles(
  database: Database,
  caller: Caller,
  input: ActivateRolesInput,
): Promise<RoleOutcome[]> {
  try {
    return await inTransaction(database, async (transaction) => {
      const { outcomes, refused } = await takeUpEach(transaction, caller, input);
      if (refused.length === outcomes.length) throw new NoneActivated(outcomes, refused);
      await recordAuditEvents(
        transaction,
        refused.map((entry) => ({ ...entry, outcome: "Failure" })),
      );
      return outcomes;
    });
  } catch (thrown) {
    if (!(thrown instanceof NoneActivated)) throw thrown;
    await recordRefusals(database, thrown.refused);
    return thrown.outcomes;
  }
}

/** Rolls the transaction back, carrying what to answer and what to log. */
class NoneActivated extends Error {
  constructor(
    readonly outcomes: RoleOutcome[],
    readonly refused: Omit<AuditEntry, "outcome">[],
  ) {
    super("none of the roles was activated");
  }
}

async function takeUpEach(transaction: Transaction, caller: Caller, input: ActivateRolesInput) {
  const { items, proofId, ...common } = input;
  const operation = activationOfSeveral(input);
  const found = new Map<object, RoleOutcome["result"]>();
  const refused: Omit<AuditEntry, "outcome">[] = [];
  let proof: SpentProof | null = null;
  // In the order of the eligibilities' ids, whatever was asked: two that take up the same roles never cross.
  for (const item of [...items].sort(byEligibility)) {
    const spentBefore: SpentProof | null = proof;
    const one = { ...common, ...item };
    const attempt = activationAttempt(caller, one);
    await transaction.$executeRaw`SAVEPOINT one_role`;
    try {
      const taken = await takeUpRole(transaction, caller, one, async () => {
        proof ??= await spendProof(transaction, caller, proofId, operation);
        return proof;
      });
      await transaction.$executeRaw`RELEASE SAVEPOINT one_role`;
      found.set(item, { ok: true, ...taken });
    } catch (thrown) {
      const refusal = isExclusionViolation(thrown) ? new Refusal(alreadyAssigned, null) : thrown;
      if (!(refusal instanceof Refusal)) throw thrown;
      await transaction.$executeRaw`ROLLBACK TO SAVEPOINT one_role`;
      proof = spentBefore;
      refused.push(refusedEntry(refusal, attempt));
      found.set(item, { ok: false, error: refusal.error });
    }
  }
  const outcomes = items.flatMap((item) => {
    const result = found.get(item);
    return result ? [{ eligibilityId: item.eligibilityId, resourceId: item.resourceId, result }] : [];
  });
  return { outcomes, refused };
}
