import { setUpPassHours } from "@/lib/domain/people/factor-pass";
import { addHours } from "@/lib/domain/time/schedule";
import { lockPerson } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Database } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/** For whom a pass was made, and until when it is valid. */
export interface OwnerPass {
  readonly displayName: string;
  readonly email: string;
  readonly expiresAt: Date;
}

/**
 * Makes a new one-time pass for the first Owner, instead of the set-up address, for the operator of the
 * server. Null once anybody has ever confirmed a factor: from then on administrators make passes for
 * each other. It is logged, and the Owner is notified.
 */
export function renewOwnerPass(
  database: Database,
  passHash: Uint8Array<ArrayBuffer>,
): Promise<OwnerPass | null> {
  return inTransaction(database, async (transaction) => {
    const [owner] = await transaction.$queryRaw<{ id: string; displayName: string; email: string }[]>`
      SELECT p.id, p.display_name AS "displayName", p.email FROM factor_passes f JOIN principals p ON p.id = f.user_id
      WHERE f.made_by_id IS NULL AND p.disabled_at IS NULL ORDER BY f.created_at LIMIT 1`;
    if (!owner) return null;
    await lockPerson(transaction, owner.id);
    const [proved] = await transaction.$queryRaw<object[]>`
      SELECT FROM totp_factors WHERE confirmed_at IS NOT NULL UNION ALL SELECT FROM passkeys LIMIT 1`;
    if (proved) return null;
    const now = await databaseNow(transaction);
    await transaction.factorPass.updateMany({
      where: { userId: owner.id, usedAt: null, replacedAt: null },
      data: { replacedAt: now },
    });
    const expiresAt = addHours(now, setUpPassHours);
    await transaction.factorPass.create({ data: { userId: owner.id, passHash, expiresAt } });
    await recordAuditEvent(transaction, {
      ...{ kind: "FactorPassIssued", outcome: "Success", caller: {}, target: owner },
      details: { hours: setUpPassHours, expiresAt: expiresAt.toISOString(), byOperator: true },
    });
    return { displayName: owner.displayName, email: owner.email, expiresAt };
  });
}
