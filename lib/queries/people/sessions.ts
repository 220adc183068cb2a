import { permissionsAtEach } from "@/lib/authority/authority";
import { privilegesOf } from "@/lib/authority/privileges-of";
import { beyondAuthority } from "@/lib/domain/gate/privileges";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { openSession } from "@/lib/platform/sql/open-session";
import { recentlyProved } from "@/lib/platform/sql/recently-proved";
import { readOnce } from "@/lib/platform/transaction";
import { peopleRights } from "@/lib/queries/people/people";

/** An open session, and how it began. */
export interface OpenSession {
  readonly id: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly ipAddress: string;
  readonly userAgent: string;
  readonly method: "Password" | "Passkey" | "IdentityProvider";
  /** The identity provider that signed them in, if there was one and its link still exists. */
  readonly issuer: string | null;
}

/** A person's open sessions by newest use. `createSession` leaves at most fifty open. */
function openSessions(transaction: Transaction, userId: string): Promise<OpenSession[]> {
  return transaction.$queryRaw<OpenSession[]>`
    SELECT s.id, s.created_at AS "createdAt", s.last_seen_at AS "lastSeenAt", s.ip_address AS "ipAddress",
      s.user_agent AS "userAgent", s.sign_in_method::text AS method, l.issuer
    FROM sessions s LEFT JOIN identity_links l ON l.id = s.identity_link_id
    WHERE s.user_id = ${userId}::uuid AND ${openSession}
    ORDER BY s.last_seen_at DESC, s.id LIMIT 50`;
}

/**
 * The caller's open sessions, by newest use. Null unless they proved who they are within the last hour,
 * so that another person at an unlocked screen cannot end them (ASVS 7.5.2).
 */
export function ownSessions(database: Database, caller: Caller): Promise<OpenSession[] | null> {
  return readOnce(database, async (transaction) => {
    const proved = await transaction.$queryRaw<object[]>`
      SELECT FROM sessions s WHERE s.id = ${caller.sessionId}::uuid AND ${openSession} AND ${recentlyProved}`;
    return proved.length === 0 ? null : openSessions(transaction, caller.userId);
  });
}

/** Whether the caller has a password of their own with which to prove who they are. */
export async function hasPassword(database: Database, caller: Caller): Promise<boolean> {
  const found = await database.client.passwordCredential.count({
    where: { userId: caller.userId, mustChange: false },
  });
  return found > 0;
}

/**
 * Another person's open sessions, for callers who may end them: they may manage people, and could grant everything
 * that the person has. Null for everybody else, since where and when somebody works is private.
 */
export function sessionsOfPerson(
  database: Database,
  caller: Caller,
  principalId: string,
): Promise<OpenSession[] | null> {
  return readOnce(database, async (transaction) => {
    if (principalId === caller.userId) return null;
    if (!(await peopleRights(transaction, caller)).write) return null;
    const privileges = await privilegesOf(transaction, [principalId]);
    const places = [...new Set(privileges.map(({ resourceId }) => resourceId))];
    const held = await permissionsAtEach(transaction, caller.userId, places);
    if (beyondAuthority(privileges, held)) return null;
    return openSessions(transaction, principalId);
  });
}
