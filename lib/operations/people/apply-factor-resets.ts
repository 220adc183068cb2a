import { couldManage } from "@/lib/authority/authority-over";
import { isBreakGlassAccount } from "@/lib/authority/break-glass-accounts";
import { hasWayInWithoutPasskey } from "@/lib/authority/ways-in";
import { lapsedHours } from "@/lib/domain/people/factor-reset";
import {
  countFactors,
  endFactorsOf,
  endReset,
  hasLapsed,
  lapse,
  lockOpenReset,
} from "@/lib/operations/people/factor-resets";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/** How many resets one run ends. The next run, a minute later, handles the others. */
const most = 50;

interface Due {
  readonly id: string;
  readonly userId: string;
  readonly displayName: string;
  /** The person who asked for it, then the one who confirmed it. */
  readonly administrators: readonly [Administrator, ...Administrator[]];
}

interface Administrator extends Actor {
  /** When they asked for it, or confirmed it. */
  readonly answeredAt: string;
}

/**
 * Ends the resets of factors whose hours are over, each in its own transaction. A reset is applied in the name of the
 * person who asked for it, if they and the one who confirmed it still have the authority for it (`couldManage`). It
 * lapses if they do not, if nobody confirmed it in time, if its person could not sign in afterwards, or if its person is
 * a break-glass account by now. Until this has run nothing is weaker: the factors work, and the reset can still be
 * stopped. Returns how many ended.
 */
export async function applyFactorResets(database: Database): Promise<number> {
  const due = await database.client.$queryRaw<Due[]>`
    SELECT r.id, p.id AS "userId", p.display_name AS "displayName", (
      SELECT json_agg(json_build_object('userId', a.id, 'displayName', a.display_name, 'answeredAt',
        CASE a.id WHEN r.asked_by_id THEN r.asked_at ELSE r.due_at - make_interval(hours => r.delay_hours) END)
        ORDER BY a.id <> r.asked_by_id)
      FROM principals a WHERE a.id IN (r.asked_by_id, r.confirmed_by_id)) AS administrators
    FROM factor_resets r JOIN principals p ON p.id = r.user_id
    WHERE r.ended_at IS NULL
      AND coalesce(r.due_at, r.asked_at + make_interval(hours => ${lapsedHours})) <= postern_now()
    ORDER BY coalesce(r.due_at, r.asked_at), r.id LIMIT ${most}`;
  let ended = 0;
  for (const reset of due)
    if (await inTransaction(database, (transaction) => endDue(transaction, reset))) ended += 1;
  return ended;
}

async function endDue(transaction: Transaction, due: Due): Promise<boolean> {
  const [person] = await transaction.$queryRaw<{ id: string; displayName: string }[]>`
    SELECT id, display_name AS "displayName" FROM principals
    WHERE id = ${due.userId}::uuid FOR NO KEY UPDATE SKIP LOCKED`;
  const reset = person ? await lockOpenReset(transaction, due.userId) : null;
  const now = await databaseNow(transaction);
  if (!person || reset?.id !== due.id) return false;
  if (hasLapsed(reset, now)) {
    await lapse(transaction, reset, person, { reason: "NotConfirmed" });
    return true;
  }
  if (reset.dueAt === null || reset.dueAt > now) return false;
  for (const { userId, displayName, answeredAt } of due.administrators)
    if (!(await couldManage(transaction, userId, person.id, new Date(answeredAt)))) {
      await lapse(transaction, reset, person, { rightLost: displayName });
      return true;
    }
  if ((await countFactors(transaction, person.id)) === 0) {
    await lapse(transaction, reset, person, { reason: "NoFactors" });
    return true;
  }
  if (await isBreakGlassAccount(transaction, person.id)) {
    await lapse(transaction, reset, person, { reason: "BreakGlass" });
    return true;
  }
  if (!(await hasWayInWithoutPasskey(transaction, person.id))) {
    await lapse(transaction, reset, person, { reason: "NoWayIn" });
    return true;
  }
  await endReset(transaction, reset, "Applied");
  const [{ userId, displayName }] = due.administrators;
  const caller = { userId, displayName };
  await recordAuditEvent(transaction, {
    ...{ kind: "AuthenticatorReset", outcome: "Success", caller, target: person },
    details: { resetId: reset.id, ...(await endFactorsOf(transaction, person.id)) },
  });
  return true;
}
