import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { isolated } from "@/lib/domain/text/visible-text";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { openPrincipal } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { openSession } from "@/lib/platform/sql/open-session";

export interface EndPersonSessionsInput {
  readonly principalId: string;
  /** Null: all of them. */
  readonly sessionId: string | null;
  readonly justification: string | null;
}

/**
 * Ends one session of another person, or all of them. It requires authority over everything they have,
 * since it can keep an administrator from acting. It requires no step-up, since it gives nobody
 * anything. People end their own sessions under **Sessions**.
 */
export function endPersonSessions(
  database: Database,
  caller: Caller,
  input: EndPersonSessionsInput,
): Promise<OperationResult<{ ended: number }>> {
  const { principalId, sessionId, justification } = input;
  const which = sessionId === null ? {} : { endedSessionId: sessionId };
  const attempt = {
    kind: "SessionsEndedByAdministrator" as const,
    caller,
    justification,
    details: { principalId, ...which },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { principal, entry } = await openPrincipal(transaction, caller, attempt, principalId);
    if (principal.type !== "User") throw new Refusal(notFound, entry);
    if (principal.id === caller.userId) {
      const message = "End your own sessions on the Sessions page.";
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const access = await privilegesUntilCommit(transaction, [principal.id]);
    await requireAuthorityOver(transaction, caller, access, entry);
    const ended = await end(transaction, principal.id, sessionId);
    if (ended === 0) {
      const message =
        sessionId === null
          ? `${isolated(principal.displayName)} has no open session.`
          : "This session has already ended.";
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    await recordAuditEvent(transaction, { ...entry, outcome: "Success", details: { ...which, ended } });
    return { ended };
  });
}

/**
 * Ends sessions of a person who is locked, and returns how many were open. Sessions that are too old by
 * the rules in force are ended too, since longer rules would reopen them.
 */
async function end(transaction: Transaction, userId: string, sessionId: string | null): Promise<number> {
  const one = sessionId === null ? Prisma.sql`TRUE` : Prisma.sql`id = ${sessionId}::uuid`;
  const [row] = await transaction.$queryRaw<{ open: number }[]>`
    WITH ended AS (
      UPDATE sessions SET ended_at = postern_now()
      WHERE user_id = ${userId}::uuid AND ended_at IS NULL AND ${one} RETURNING id)
    SELECT count(*)::int AS open FROM ended JOIN sessions s ON s.id = ended.id WHERE ${openSession}`;
  return row?.open ?? 0;
}
