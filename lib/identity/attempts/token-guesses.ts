import { networkOf } from "@/lib/domain/people/network-of";
import { blockedUntil, type Count, judgeAttempt } from "@/lib/identity/attempts/throttle";
import type { Origin } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

const countsOf = (origin: Origin): readonly Count[] => [
  { kind: "token", subject: networkOf(origin.ipAddress) },
];

/** Whether an address has sent so many wrong tokens that it has to wait. Checked before a token is checked. */
export async function tokensAreRefused(database: Database, origin: Origin): Promise<boolean> {
  return inTransaction(
    database,
    async (transaction) => (await blockedUntil(transaction, countsOf(origin))) !== null,
  );
}

/**
 * Counts and logs a set-up, invitation or directory token that was wrong, used or expired, or that was
 * refused unchecked.
 */
export function recordWrongToken(
  database: Database,
  origin: Origin,
  kind: "OwnerSetUp" | "PasswordChanged" | "DirectoryTokenRefused" | "IdentityLinked" | "SessionEnded",
): Promise<void> {
  return inTransaction(database, async (transaction) => {
    const verdict = await judgeAttempt(transaction, countsOf(origin), false);
    if (verdict.blocked && verdict.gathered === null) return;
    const details = {
      error: "WrongToken",
      throttled: verdict.blocked,
      ...(verdict.blocked ? { attempts: verdict.gathered } : {}),
    };
    await recordAuditEvent(transaction, { kind, outcome: "Failure", caller: origin, details });
  });
}
