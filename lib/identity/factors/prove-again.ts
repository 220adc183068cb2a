import { spendProof } from "@/lib/authority/spend-proof";
import { entryOf, recordUnproved } from "@/lib/identity/factors/factor-events";
import { reauthenticate } from "@/lib/identity/passwords/reauthenticate";
import { lockPerson, sessionToCommit } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/**
 * Records in the caller's session that they have just proved again who they are, with their password. False if the
 * password is wrong, or too many were wrong. Throws `Busy` if too many passwords wait to be checked.
 */
export async function proveAgainWithPassword(
  database: Database,
  caller: Caller,
  password: string,
): Promise<boolean> {
  if (!(await reauthenticate(database, caller, password, "ProvedAgain"))) return false;
  return inTransaction(database, async (transaction) => {
    await lockPerson(transaction, caller.userId);
    // A change of the password meanwhile has ended the session.
    if (!(await sessionToCommit(transaction, caller))) return false;
    await note(transaction, caller);
    await recordAuditEvent(transaction, { ...entryOf(caller, "ProvedAgain"), outcome: "Success" });
    return true;
  });
}

/** The same with a factor, whose proof is spent here. False without a proof. */
export async function proveAgainWithFactor(
  database: Database,
  caller: Caller,
  proofId: string | null,
): Promise<boolean> {
  const proved = await inTransaction(database, async (transaction) => {
    await lockPerson(transaction, caller.userId);
    const proof = await spendProof(transaction, caller, proofId, { kind: "ManageSessions" });
    if (!proof) return false;
    await note(transaction, caller);
    await recordAuditEvent(transaction, { ...entryOf(caller, "ProvedAgain"), outcome: "Success", proof });
    return true;
  });
  if (!proved) await recordUnproved(database, caller, "ProvedAgain");
  return proved;
}

async function note(transaction: Transaction, caller: Caller): Promise<void> {
  await transaction.$executeRaw`
    UPDATE sessions SET reauthenticated_at = postern_now() WHERE id = ${caller.sessionId}::uuid`;
}
