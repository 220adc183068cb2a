import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { readOnce } from "@/lib/platform/transaction";

const pageSize = 25;
/** For how many days back a person's sign-ins are listed. */
export const signInDays = 90;

/** A sign-in, or an attempt that was refused. */
export interface SignInRow {
  readonly id: string;
  readonly occurredAt: Date;
  readonly outcome: "Success" | "Failure";
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly method: "Password" | "Passkey" | "IdentityProvider";
  /** The identity provider's name at that time. */
  readonly provider: string | null;
  /** How many attempts the row counts. */
  readonly attempts: number;
}

/**
 * A page of the caller's sign-ins of the last 90 days, newest first, refused ones included, after the
 * one with the id `before`. Also the id after which the next page begins.
 */
export function ownSignIns(
  database: Database,
  caller: Caller,
  before: string | null,
): Promise<{ readonly rows: readonly SignInRow[]; readonly next: string | null }> {
  return readOnce(database, async (transaction) => {
    const behind = before
      ? Prisma.sql`(e.occurred_at, e.sequence) < (
          SELECT b.occurred_at, b.sequence FROM audit_events b
          WHERE b.id = ${before}::uuid AND b.actor_id = ${caller.userId}::uuid)`
      : Prisma.sql`TRUE`;
    const rows = await transaction.$queryRaw<SignInRow[]>`
      SELECT e.id, e.occurred_at AS "occurredAt", e.outcome::text, e.ip_address AS "ipAddress",
        e.user_agent AS "userAgent", coalesce(e.details ->> 'method', 'Password') AS method,
        e.details ->> 'provider' AS provider, coalesce((e.details ->> 'attempts')::int, 1) AS attempts
      FROM audit_events e
      WHERE e.actor_id = ${caller.userId}::uuid AND e.kind IN ('SignIn', 'SignInFailed')
        AND e.occurred_at > postern_now() - make_interval(days => ${signInDays}) AND ${behind}
      ORDER BY e.occurred_at DESC, e.sequence DESC LIMIT ${pageSize + 1}`;
    const shown = rows.slice(0, pageSize);
    return { rows: shown, next: rows.length > pageSize ? (shown.at(-1)?.id ?? null) : null };
  });
}
