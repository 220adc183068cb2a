import { randomBytes, randomUUID } from "node:crypto";
import { passwordCounts } from "@/lib/authority/break-glass-accounts";
import { openBreakGlassReview } from "@/lib/identity/sessions/break-glass-sign-in";
import {
  endBeyondMost,
  type Origin,
  type SessionToken,
  secretDigest,
} from "@/lib/identity/sessions/sessions";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { logContext } from "@/lib/platform/log-context";
import { inTransaction } from "@/lib/platform/transaction";

/** How many minutes a browser has for the second factor after the password. */
export const awaitMinutes = 10;
/** How many of one person's sign-ins may await it at once. */
const mostAwaiting = 5;

/**
 * Somebody who has typed the right password of this user, and must still show a second factor. It is a
 * caller only for that: verbs and queries find no session of theirs.
 */
export type AwaitingCaller = Caller & { readonly awaitsFactor: true };

/**
 * Begins a session that awaits the second factor, for a browser that sent the right password. It signs
 * nobody in and ends no session. A person has at most five of them; the oldest one ends.
 */
export async function beginAwaiting(
  transaction: Transaction,
  userId: string,
  origin: Origin,
): Promise<SessionToken> {
  await transaction.$executeRaw`
    UPDATE sessions SET ended_at = postern_now() WHERE id IN (
      SELECT id FROM sessions WHERE user_id = ${userId}::uuid AND ended_at IS NULL AND awaits_factor
      ORDER BY created_at DESC, id DESC OFFSET ${mostAwaiting - 1})`;
  const secret = randomBytes(32).toString("base64url");
  const [row] = await transaction.$queryRaw<{ id: string }[]>`
    INSERT INTO sessions (user_id, secret_hash, expires_at, ip_address, user_agent, awaits_factor)
    VALUES (${userId}::uuid, ${secretDigest(secret)}, postern_now() + make_interval(hours =>
      (SELECT session_hours FROM sign_in_rules)), ${origin.ipAddress}, ${origin.userAgent}, true)
    RETURNING id`;
  if (!row) throw new Error("the session was not made");
  return { sessionId: row.id, secret };
}

/**
 * The condition that the session `s` still awaits the second factor of its user `p`, and that this
 * browser began it.
 */
const awaits = (token: SessionToken) => Prisma.sql`s.id = ${token.sessionId}::uuid AND s.awaits_factor
  AND s.ended_at IS NULL AND s.created_at > postern_now() - make_interval(mins => ${awaitMinutes})
  AND s.secret_hash = ${secretDigest(token.secret)} AND p.disabled_at IS NULL AND ${passwordCounts}`;

/**
 * The person who has typed the right password in this browser and must still show a second factor. Null
 * if there is none.
 */
export function findAwaiting(
  database: Database,
  token: SessionToken,
  origin: Origin,
): Promise<AwaitingCaller | null> {
  return inTransaction(database, (transaction) => readAwaiting(transaction, token, origin));
}

/** The same, with the person locked until the commit. */
export async function lockAwaiting(
  transaction: Transaction,
  token: SessionToken,
  origin: Origin,
): Promise<AwaitingCaller | null> {
  const caller = await readAwaiting(transaction, token, origin);
  if (!caller) return null;
  await transaction.$queryRaw`SELECT id FROM principals WHERE id = ${caller.userId}::uuid FOR SHARE`;
  return readAwaiting(transaction, token, origin);
}

async function readAwaiting(
  transaction: Transaction,
  token: SessionToken,
  { ipAddress, userAgent }: Origin,
): Promise<AwaitingCaller | null> {
  const [row] = await transaction.$queryRaw<Pick<Caller, "userId" | "displayName" | "email">[]>`
    SELECT p.id AS "userId", p.display_name AS "displayName", p.email
    FROM sessions s JOIN principals p ON p.id = s.user_id WHERE ${awaits(token)}`;
  if (!row) return null;
  const correlationId = logContext()?.correlationId ?? randomUUID();
  return { ...row, sessionId: token.sessionId, ipAddress, userAgent, correlationId, awaitsFactor: true };
}

/** Opens the session after the second factor was shown, with a new secret. Null if it no longer awaits one. */
export async function openAwaiting(
  transaction: Transaction,
  caller: AwaitingCaller,
): Promise<SessionToken | null> {
  const secret = randomBytes(32).toString("base64url");
  const opened = await transaction.$executeRaw`
    UPDATE sessions SET awaits_factor = false, secret_hash = ${secretDigest(secret)}, last_seen_at = postern_now()
    WHERE id = ${caller.sessionId}::uuid AND user_id = ${caller.userId}::uuid AND awaits_factor AND ended_at IS NULL
      AND created_at > postern_now() - make_interval(mins => ${awaitMinutes})`;
  if (opened !== 1) return null;
  await openBreakGlassReview(
    transaction,
    { id: caller.sessionId, userId: caller.userId },
    caller,
    "Password",
  );
  await endBeyondMost(transaction, caller.userId, 0);
  return { sessionId: caller.sessionId, secret };
}
