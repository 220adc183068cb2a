import { sessionToCommit } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { recentlyProved } from "@/lib/platform/sql/recently-proved";
import { inTransaction } from "@/lib/platform/transaction";

/**
 * Ends one of the caller's other sessions, or without an id all of them. The caller must have proved
 * who they are within the last hour. Returns how many. Null, and logged, without such a proof, since it
 * may be another person at an unlocked screen.
 */
export function endOwnSessions(
  database: Database,
  caller: Caller,
  sessionId: string | null,
): Promise<number | null> {
  return inTransaction(database, async (transaction) => {
    const which = sessionId === null ? {} : { endedSessionId: sessionId };
    const proved = await transaction.$queryRaw<object[]>`
      SELECT FROM sessions s WHERE s.id = ${caller.sessionId}::uuid AND ${recentlyProved}`;
    if (proved.length === 0 || !(await sessionToCommit(transaction, caller))) {
      const details = { ...which, error: "NotProvedRecently" };
      await recordAuditEvent(transaction, { kind: "SessionEnded", outcome: "Failure", caller, details });
      return null;
    }
    const one = sessionId === null ? Prisma.sql`TRUE` : Prisma.sql`id = ${sessionId}::uuid`;
    const ended = await transaction.$executeRaw`
      UPDATE sessions SET ended_at = postern_now()
      WHERE user_id = ${caller.userId}::uuid AND id <> ${caller.sessionId}::uuid AND ended_at IS NULL AND ${one}`;
    if (ended > 0) {
      const details = sessionId === null ? { ended } : which;
      await recordAuditEvent(transaction, { kind: "SessionEnded", outcome: "Success", caller, details });
    }
    return ended;
  });
}
