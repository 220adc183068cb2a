import { enabledUntilCommit, reachesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { exceptionFaults, exceptionLimits } from "@/lib/domain/roles/conflict-exception";
import { isolated } from "@/lib/domain/text/visible-text";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { exceptionFacts, storedExceptions } from "@/lib/operations/roles/conflict-exceptions";
import { lockConflictRules, openConflictRule } from "@/lib/operations/roles/conflict-rules";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { databaseNow } from "@/lib/platform/transaction";

export interface RequestConflictExceptionInput {
  readonly ruleId: string;
  /** A person or a group. */
  readonly principalId: string;
  readonly endsAt: Date;
  readonly justification: string | null;
}

/**
 * Asks that somebody may hold roles together that a rule forbids, until an end (docs/decisions/conflicting-roles.md).
 * It requires the permission to edit role settings at the rule's resource, and allows nothing until another
 * administrator approves it. Nobody asks for themselves or for a group that they are in.
 */
export function requestConflictException(
  database: Database,
  caller: Caller,
  input: RequestConflictExceptionInput,
): Promise<OperationResult<{ exceptionId: string }>> {
  const { ruleId, principalId, endsAt } = input;
  const justification = input.justification?.trim() || null;
  const attempt = {
    kind: "ConflictExceptionRequested" as const,
    caller,
    justification,
    details: { ruleId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { entry } = await openConflictRule(transaction, caller, ruleId, attempt);
    const principal = await transaction.principal.findUnique({
      where: { id: principalId },
      select: { id: true, displayName: true },
    });
    const named = principal ? { ...entry, target: principal } : entry;
    if (principal && (await reachesUntilCommit(transaction, caller.userId, principal.id))) {
      const message =
        principal.id === caller.userId
          ? "Nobody may request an exception for themselves. Ask another administrator."
          : `You are in ${isolated(principal.displayName)}. Ask another administrator to request this exception.`;
      throw new Refusal({ code: "OwnRequest", message }, named);
    }
    await lockConflictRules(transaction);
    const rule = await transaction.conflictRule.findUnique({
      where: { id: ruleId },
      select: { rolesVersion: true },
    });
    if (!rule) {
      const message = "Somebody else removed this rule. Reload the page.";
      throw new Refusal({ code: "StaleEdit", message }, named);
    }
    const now = await databaseNow(transaction);
    const faults = exceptionFaults({ justification, endsAt }, now);
    if (!principal) faults.push({ field: "principalId", message: "Choose a person or a group that exists." });
    else if (!(await enabledUntilCommit(transaction, [principal.id])))
      faults.push({ field: "principalId", message: `${isolated(principal.displayName)} is disabled.` });
    if (!principal || justification === null || faults.length > 0)
      throw new Refusal({ code: "InvalidInput", faults }, named);
    await refuseTooMany(transaction, ruleId, principal, now, named);
    const { id } = await transaction.conflictException.create({
      data: {
        ...{ ruleId, principalId, justification, endsAt },
        rolesVersion: rule.rolesVersion,
        askedById: caller.userId,
      },
      select: { id: true },
    });
    const [made] = await storedExceptions(transaction, Prisma.sql`x.id = ${id}::uuid`);
    if (!made) throw new Error("an exception that was written is not there");
    await recordAuditEvent(transaction, { ...entry, ...exceptionFacts(made), outcome: "Success" });
    return { exceptionId: id };
  });
}

/** Refuses a second waiting exception for the same principal, and more than a rule may have. */
async function refuseTooMany(
  transaction: Transaction,
  ruleId: string,
  principal: { readonly id: string; readonly displayName: string },
  now: Date,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const open = { ruleId, endsAt: { gt: now } };
  const waiting = await transaction.conflictException.count({
    where: { ...open, principalId: principal.id, state: "Waiting" },
  });
  if (waiting > 0) {
    const message = `An exception for ${isolated(principal.displayName)} is already waiting for a decision.`;
    throw new Refusal({ code: "Conflict", message }, entry);
  }
  const all = await transaction.conflictException.count({
    where: { ...open, state: { in: ["Waiting", "Approved"] } },
  });
  if (all < exceptionLimits.open) return;
  const message = `A rule has at most ${exceptionLimits.open} exceptions. Revoke one first.`;
  throw new Refusal({ code: "Conflict", message }, entry);
}
