import { randomBytes } from "node:crypto";
import { spendProof } from "@/lib/authority/spend-proof";
import { entryOf, recordUnproved } from "@/lib/identity/factors/factor-events";
import { recoveryCodeHash, recoveryCodeLength } from "@/lib/identity/factors/verify-factor";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

const recoveryCodeCount = 10;
const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Creates ten new recovery codes that replace the old ones, spending a proof. Null without a proof. */
export async function replaceRecoveryCodes(
  database: Database,
  caller: Caller,
  proofId: string | null,
): Promise<string[] | null> {
  const replaced = await inTransaction(database, async (transaction) => {
    const proof = await spendProof(transaction, caller, proofId, { kind: "ReplaceRecoveryCodes" });
    if (!proof) return null;
    const codes = await replaceCodes(transaction, caller.userId, await databaseNow(transaction));
    // An old code may have been used to request a new app or passkey, or the right to link an identity.
    await transaction.passkeyRegistration.deleteMany({ where: { userId: caller.userId } });
    await transaction.totpFactor.deleteMany({
      where: { userId: caller.userId, confirmedAt: null, removedAt: null },
    });
    await transaction.identityLinkPass.deleteMany({
      where: { principalId: caller.userId, sessionId: { not: null } },
    });
    await recordAuditEvent(transaction, {
      ...entryOf(caller, "RecoveryCodesReplaced"),
      outcome: "Success",
      proof,
    });
    return codes;
  });
  if (!replaced) await recordUnproved(database, caller, "RecoveryCodesReplaced");
  return replaced;
}

/** Replaces the recovery codes and returns the new ones, which are shown once. */
export async function replaceCodes(transaction: Transaction, userId: string, now: Date): Promise<string[]> {
  await transaction.recoveryCode.updateMany({
    where: { userId, usedAt: null, replacedAt: null },
    data: { replacedAt: now },
  });
  const codes = Array.from({ length: recoveryCodeCount }, () =>
    [...randomBytes(recoveryCodeLength)]
      .map((byte) => base32[byte & 31])
      .join("")
      .replace(/(.{4})(?=.)/g, "$1-"),
  );
  await transaction.recoveryCode.createMany({
    data: codes.map((code) => ({ userId, hash: recoveryCodeHash(code) })),
  });
  return codes;
}
