import { createHash, randomBytes, randomUUID } from "node:crypto";
import { signInLimits } from "@/lib/domain/people/sign-in-rules";
import { isTimesLanguage } from "@/lib/domain/time/reader-times";
import { openBreakGlassReview } from "@/lib/identity/sessions/break-glass-sign-in";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { logContext } from "@/lib/platform/log-context";
import { planOnce } from "@/lib/platform/prepared-statements";
import { checksOf } from "@/lib/platform/recheck";
import { openSession } from "@/lib/platform/sql/open-session";
import { inTransaction, readOnce } from "@/lib/platform/transaction";

/** The content of the cookie: the session, and the secret that only its browser knows. */
export interface SessionToken {
  readonly sessionId: string;
  readonly secret: string;
}

/** Where a request came from. */
export interface Origin {
  readonly ipAddress: string;
  readonly userAgent: string;
  /** The IANA time zone that the browser named. */
  readonly timeZone?: string | null;
}

/** How somebody signed in, and with which identity of a provider. */
export interface SignedInBy {
  readonly method: "Password" | "Passkey" | "IdentityProvider";
  readonly identityLinkId?: string;
  /** The provider's own session, if it names one. */
  readonly providerSid?: string | null;
  /** The sign-in took the provider's own second factor just now. */
  readonly providerSecondFactor?: boolean;
}

/** How long any session may last, whatever the rules in force say. */
export const longestSessionHours = signInLimits.sessionHours.most;
/** How many sessions of one person may be open at once, so that their list can show all of them. */
const mostOpen = 50;
/** How many former secrets are kept: one for each of this many step-ups within a minute. */
const mostFormer = 8;

/** The form in which the secret of a session is stored. */
export function secretDigest(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(secret).digest());
}

/**
 * Creates a session for a user who has just proved their identity. Beyond fifty sessions, those unused
 * for the longest time end.
 */
export async function createSession(
  transaction: Transaction,
  userId: string,
  origin: Origin,
  signedIn: SignedInBy = { method: "Password" },
): Promise<SessionToken> {
  await endBeyondMost(transaction, userId, 1);
  const secret = randomBytes(32).toString("base64url");
  const [row] = await transaction.$queryRaw<{ id: string }[]>`
    INSERT INTO sessions (user_id, secret_hash, expires_at, ip_address, user_agent, sign_in_method, identity_link_id,
      provider_sid, provider_second_factor)
    VALUES (${userId}::uuid, ${secretDigest(secret)}, postern_now() + make_interval(hours =>
      (SELECT session_hours FROM sign_in_rules)), ${origin.ipAddress}, ${origin.userAgent},
      ${signedIn.method}::sign_in_method, ${signedIn.identityLinkId ?? null}::uuid,
      ${signedIn.providerSid ?? null}, ${signedIn.providerSecondFactor ?? false})
    RETURNING id`;
  if (!row) throw new Error("the session was not made");
  await openBreakGlassReview(transaction, { id: row.id, userId }, origin, signedIn.method);
  await keepTimeZone(transaction, userId, origin);
  return { sessionId: row.id, secret };
}

/**
 * Ends the sessions of somebody that were unused for the longest time, so that with those to come there
 * are at most fifty.
 */
export async function endBeyondMost(transaction: Transaction, userId: string, toCome: number): Promise<void> {
  await transaction.$executeRaw`
    UPDATE sessions SET ended_at = postern_now() WHERE id IN (
      SELECT id FROM sessions WHERE user_id = ${userId}::uuid AND ended_at IS NULL AND NOT awaits_factor
      ORDER BY last_seen_at DESC, id DESC OFFSET ${mostOpen - toCome})`;
}

/**
 * Stores the zone that the person's browser names, for the times in their mail
 * (docs/decisions/whose-clock.md). Writes only what changed.
 */
async function keepTimeZone(transaction: Transaction, userId: string, { timeZone }: Origin): Promise<void> {
  if (!timeZone) return;
  await transaction.$executeRaw`
    INSERT INTO notification_preferences AS kept (user_id, time_zone) VALUES (${userId}::uuid, ${timeZone})
    ON CONFLICT (user_id) DO UPDATE SET time_zone = excluded.time_zone, updated_at = postern_now()
    WHERE kept.time_zone IS DISTINCT FROM excluded.time_zone`;
}

/** Whether the caller's session is still valid and its user enabled. A yes holds until the commit. */
export async function sessionToCommit(transaction: Transaction, caller: Caller): Promise<boolean> {
  const stillGood = async () => {
    const rows = await transaction.$queryRaw<object[]>`
      SELECT FROM sessions s JOIN principals p ON p.id = s.user_id AND p.disabled_at IS NULL
      WHERE s.id = ${caller.sessionId}::uuid AND s.user_id = ${caller.userId}::uuid AND s.ended_at IS NULL`;
    return rows.length > 0;
  };
  if (!(await stillGood())) return false;
  checksOf(transaction).repeat.push(stillGood);
  return true;
}

interface CallerRow extends Pick<Caller, "userId" | "displayName" | "email"> {
  readonly stale: boolean;
  readonly zone: string | null;
  readonly language: string | null;
}

/**
 * The caller of a session cookie, read from the database at every request. Null once the session has ended or expired
 * (by the organisation's sign-in rules), or its user is disabled. After a rotation the former secret is valid for one
 * more minute, within the session's life, for requests under way and for a browser that lost the answer.
 */
export async function findCaller(
  database: Database,
  token: SessionToken,
  origin: Origin,
): Promise<Caller | null> {
  return readOnce(database, async (transaction) => {
    const [row] = await transaction.$queryRaw<CallerRow[]>`
      SELECT p.id AS "userId", p.display_name AS "displayName", p.email,
        s.last_seen_at < postern_now() - interval '1 minute' AS stale,
        n.chosen_time_zone AS zone, n.times_language AS language
      FROM sessions s JOIN principals p ON p.id = s.user_id
      LEFT JOIN notification_preferences n ON n.user_id = p.id
      WHERE ${isGood(token)}`;
    if (!row) return null;
    if (row.stale) {
      await transaction.$executeRaw`
        UPDATE sessions SET last_seen_at = postern_now() WHERE id = ${token.sessionId}::uuid`;
      await keepTimeZone(transaction, row.userId, origin);
    }
    const { userId, displayName, email, zone, language } = row;
    const { ipAddress, userAgent } = origin;
    return {
      userId,
      displayName,
      email,
      sessionId: token.sessionId,
      ipAddress,
      userAgent,
      correlationId: logContext()?.correlationId ?? randomUUID(),
      times: { zone, language: language !== null && isTimesLanguage(language) ? language : null },
    };
  });
}

/** Whether a cookie is still valid, by the rules of `findCaller`. Does not count as use of the session. */
export async function isTokenGood(database: Database, token: SessionToken): Promise<boolean> {
  const rows = await readOnce(
    database,
    (transaction) => transaction.$queryRaw<unknown[]>`
      SELECT s.id FROM sessions s JOIN principals p ON p.id = s.user_id WHERE ${isGood(token)}`,
  );
  return rows.length === 1;
}

/** The condition on the session `s` and its user `p`. */
function isGood(token: SessionToken): Prisma.Sql {
  const hash = secretDigest(token.secret);
  return Prisma.sql`s.id = ${token.sessionId}::uuid AND ${openSession} AND p.disabled_at IS NULL
    AND (s.secret_hash = ${hash}
      OR EXISTS (SELECT FROM unnest(s.former_hashes, s.former_until) AS former (hash, until)
        WHERE former.hash = ${hash} AND former.until > postern_now()))`;
}

/** Whether a session is still valid, by the rules of `findCaller` for its present secret. Does not count as use. */
export async function isSessionGood(database: Database, sessionId: string): Promise<boolean> {
  const rows = await inTransaction(
    database,
    (transaction) => transaction.$queryRaw<unknown[]>`
      SELECT s.id FROM sessions s JOIN principals p ON p.id = s.user_id
      WHERE s.id = ${sessionId}::uuid AND ${openSession} AND p.disabled_at IS NULL`,
  );
  return rows.length === 1;
}

/** Locks a person before their password, factors or sessions change. */
export async function lockPerson(transaction: Transaction, userId: string): Promise<void> {
  await transaction.$queryRaw`SELECT id FROM principals WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;
}

/**
 * Gives the session a new secret, as after each step-up. Returns the token for the new cookie. With a challenge, only if
 * that one has a proof.
 */
export async function rotateSession(
  transaction: Transaction,
  sessionId: string,
  challengeId: string | null = null,
): Promise<SessionToken> {
  const secret = randomBytes(32).toString("base64url");
  await transaction.$executeRaw`
    UPDATE ${planOnce} sessions s SET secret_hash = ${secretDigest(secret)}, (former_hashes, former_until) = (
      SELECT array_agg(hash), array_agg(until) FROM (
        SELECT hash, until FROM unnest(s.former_hashes, s.former_until) AS former (hash, until)
        WHERE until > postern_now()
        UNION ALL SELECT s.secret_hash, postern_now() + interval '1 minute'
        ORDER BY until DESC LIMIT ${Prisma.raw(String(mostFormer))}) kept)
    WHERE id = ${sessionId}::uuid ${
      challengeId === null
        ? Prisma.empty
        : Prisma.sql`AND EXISTS (SELECT FROM step_up_proofs WHERE challenge_id = ${challengeId}::uuid)`
    }`;
  return { sessionId, secret };
}

/** The provider through which the caller's session was signed in; null without one. */
export async function issuerOfSession(database: Database, caller: Caller): Promise<string | null> {
  const [row] = await database.client.$queryRaw<{ issuer: string }[]>`
    SELECT l.issuer FROM sessions s JOIN identity_links l ON l.id = s.identity_link_id
    WHERE s.id = ${caller.sessionId}::uuid AND s.user_id = ${caller.userId}::uuid`;
  return row?.issuer ?? null;
}

/** Ends one of the caller's sessions, as signing out does. False if it is not theirs or has ended. */
export function endSession(database: Database, caller: Caller, sessionId: string): Promise<boolean> {
  return inTransaction(database, async (transaction) => {
    const ended = await transaction.$executeRaw`
      UPDATE sessions SET ended_at = postern_now()
      WHERE id = ${sessionId}::uuid AND user_id = ${caller.userId}::uuid AND ended_at IS NULL`;
    if (ended === 0) return false;
    const kind = sessionId === caller.sessionId ? "SignOut" : "SessionEnded";
    await recordAuditEvent(transaction, {
      kind,
      outcome: "Success",
      caller,
      details: { endedSessionId: sessionId },
    });
    return true;
  });
}
