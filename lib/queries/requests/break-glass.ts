import { closableBy } from "@/lib/authority/break-glass-authority";
import { waitsForDecision } from "@/lib/authority/request-basis";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { type BreakGlassOutcome, longestBreakGlass } from "@/lib/domain/requests/break-glass";
import { activationTakesResistant } from "@/lib/domain/roles/factors-asked";
import { strictest } from "@/lib/domain/roles/role-settings";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";
import { settingsOf } from "@/lib/queries/activation/activation-terms";

/** The conditions of break-glass for a waiting request. */
export interface BreakGlassTerms {
  /** How long the activation may last at most, in minutes. */
  readonly longest: number;
  /** The caller's last emergency activation of the role still waits for its review, which prevents this one. */
  readonly underReview: boolean;
  /** Whether a phishing-resistant factor is required. */
  readonly resistantOnly: boolean;
}

/** Whether the caller may approve their own waiting request in an emergency. Null if not, and for any other request. */
export function breakGlassTerms(
  database: Database,
  caller: Caller,
  requestId: string,
): Promise<BreakGlassTerms | null> {
  return readOnce(database, async (transaction) => {
    const [row] = await transaction.$queryRaw<
      { roleDefinitionId: string; minutes: number; levels: string[]; underReview: boolean }[]
    >`
      SELECT q.role_definition_id AS "roleDefinitionId", q.duration_minutes AS minutes,
        (path_ids(s.path))[array_position(path_ids(s.path), e.resource_id):] AS levels,
        EXISTS (SELECT FROM break_glass_reviews v WHERE v.member_id = q.principal_id
          AND v.role_definition_id = q.role_definition_id AND v.closed_at IS NULL) AS "underReview"
      FROM requests q JOIN resources s ON s.id = q.resource_id JOIN eligibilities e ON e.id = q.eligibility_id
      WHERE q.id = ${requestId}::uuid AND q.requestor_id = ${caller.userId}::uuid
        AND q.principal_id = ${caller.userId}::uuid AND q.request_type = 'SelfActivate'
        AND (q.starts_at IS NULL OR q.starts_at <= postern_now()) AND ${waitsForDecision("q")}`;
    if (!row) return null;
    const policies = await transaction.roleManagementPolicy.findMany({
      where: { roleDefinitionId: row.roleDefinitionId, resourceId: { in: row.levels } },
    });
    const settings = strictest(
      row.levels.map((id) => settingsOf(policies.find((each) => each.resourceId === id))),
    );
    const longest = longestBreakGlass(settings, row.minutes);
    return longest === null
      ? null
      : { longest, underReview: row.underReview, resistantOnly: activationTakesResistant(settings) };
  });
}

/** An emergency activation and its review. */
export interface EmergencyReview {
  readonly requestId: string;
  readonly member: PrincipalIdentity;
  readonly roleName: string;
  readonly resourceName: string;
  readonly reason: string;
  readonly usedAt: Date;
  readonly endsAt: Date | null;
  /** The activation still runs. */
  readonly active: boolean;
  /** Null while the review is open. */
  readonly closed: {
    readonly outcome: BreakGlassOutcome;
    readonly note: string;
    readonly by: PrincipalIdentity;
    readonly at: Date;
  } | null;
  /** The caller may close it. */
  readonly mayClose: boolean;
}

type Row = Omit<EmergencyReview, "closed"> & {
  readonly outcome: BreakGlassOutcome | null;
  readonly note: string | null;
  readonly closer: PrincipalIdentity | null;
  readonly closedAt: Date | null;
};

async function select(
  transaction: Transaction,
  closable: Prisma.Sql,
  how: "LEFT JOIN" | "JOIN",
  rest: Prisma.Sql,
): Promise<EmergencyReview[]> {
  const rows = await transaction.$queryRaw<Row[]>`
    SELECT v.request_id AS "requestId", ${identityColumn("p")} AS member, d.role_name AS "roleName",
      s.display_name AS "resourceName", v.reason, v.used_at AS "usedAt", a.ends_at AS "endsAt",
      coalesce(a.starts_at <= postern_now() AND a.ends_at > postern_now(), false) AS active, v.outcome::text, v.note,
      CASE WHEN b.id IS NOT NULL THEN ${identityColumn("b")} END AS closer, v.closed_at AS "closedAt",
      may.request_id IS NOT NULL AND NOT may.closed AS "mayClose"
    FROM break_glass_reviews v ${Prisma.raw(how)} (${closable}) may ON may.request_id = v.request_id
    JOIN principals p ON p.id = v.member_id JOIN role_definitions d ON d.id = v.role_definition_id
    JOIN resources s ON s.id = v.resource_id JOIN assignments a ON a.id = v.assignment_id
    LEFT JOIN principals b ON b.id = v.closed_by_id
    ${rest}`;
  return rows.map(({ outcome, note, closer, closedAt, ...row }) => ({
    ...row,
    closed: outcome && note && closer && closedAt ? { outcome, note, by: closer, at: closedAt } : null,
  }));
}

/** The review of a request that its member approved in an emergency; null for others. Only for readers that may see it. */
export function reviewOf(
  database: Database,
  caller: Caller,
  requestId: string,
): Promise<EmergencyReview | null> {
  return readOnce(database, async (transaction) => {
    const closable = closableBy(caller.userId, requestId);
    const rest = Prisma.sql`WHERE v.request_id = ${requestId}::uuid`;
    return (await select(transaction, closable, "LEFT JOIN", rest))[0] ?? null;
  });
}

/** How many open reviews at a resource and below it the caller may close, counted up to `most`. */
export function countReviewsToClose(
  database: Database,
  caller: Caller,
  place: { readonly path: string },
  most: number,
): Promise<number> {
  return readOnce(database, async (transaction) => {
    const [row] = await transaction.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM (
        SELECT FROM (${closableBy(caller.userId, null)}) may
        JOIN break_glass_reviews v ON v.request_id = may.request_id JOIN resources r ON r.id = v.resource_id
        WHERE r.path = ${place.path} OR (r.path > ${`${place.path}.`} AND r.path < ${`${place.path}/`})
        LIMIT ${most}) counted`;
    return row?.count ?? 0;
  });
}

/**
 * Emergency activations whose review the caller may close, longest open first. At most `most`, and one
 * more to show that there are more.
 */
export function reviewsToClose(
  database: Database,
  caller: Caller,
  most: number,
): Promise<readonly EmergencyReview[]> {
  return readOnce(database, (transaction) => {
    const rest = Prisma.sql`ORDER BY v.request_id LIMIT ${most + 1}`;
    return select(transaction, closableBy(caller.userId, null), "JOIN", rest);
  });
}
