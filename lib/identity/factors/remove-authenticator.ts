import { spendProof } from "@/lib/authority/spend-proof";
import { isLastOfBreakGlass, lastOfBreakGlass } from "@/lib/authority/ways-in";
import { entryOf, recordUnproved } from "@/lib/identity/factors/factor-events";
import { lockPerson } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

export type RemoveAuthenticatorResult =
  | { readonly ok: true }
  /** `message`: why the app cannot be removed even with a proof; null if only the proof is missing. */
  | { readonly ok: false; readonly message: string | null };

/**
 * Removes the authenticator app and its recovery codes, spending a proof. The last factor of a
 * break-glass account cannot be removed.
 */
export async function removeAuthenticator(
  database: Database,
  caller: Caller,
  proofId: string | null,
): Promise<RemoveAuthenticatorResult> {
  const removed = await inTransaction(database, async (transaction): Promise<RemoveAuthenticatorResult> => {
    await lockPerson(transaction, caller.userId);
    if (await isLastOfBreakGlass(transaction, caller.userId, { kind: "App" })) {
      const details = { error: "LastFactor" };
      await recordAuditEvent(transaction, {
        ...{ ...entryOf(caller, "AuthenticatorRemoved"), outcome: "Failure", details },
      });
      return { ok: false, message: lastOfBreakGlass };
    }
    const proof = await spendProof(transaction, caller, proofId, { kind: "RemoveAuthenticator" });
    if (!proof) return { ok: false, message: null };
    const now = await databaseNow(transaction);
    await transaction.totpFactor.updateMany({
      where: { userId: caller.userId, removedAt: null },
      data: { removedAt: now },
    });
    await transaction.recoveryCode.updateMany({
      where: { userId: caller.userId, usedAt: null, replacedAt: null },
      data: { replacedAt: now },
    });
    await recordAuditEvent(transaction, {
      ...entryOf(caller, "AuthenticatorRemoved"),
      outcome: "Success",
      proof,
    });
    return { ok: true };
  });
  if (!removed.ok && removed.message === null) await recordUnproved(database, caller, "AuthenticatorRemoved");
  return removed;
}
