import { type DigestFigures, digestMonday, digestNotice } from "@/lib/domain/notifications/weekly-digest";
import { administers, type Permission } from "@/lib/domain/roles/permissions";
import { addDays } from "@/lib/domain/time/schedule";
import { type Delivery, notifyPeople } from "@/lib/operations/notifications/notify-people";
import { type Person, peopleIn } from "@/lib/operations/people/find-people";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/**
 * Sends every active administrator once a week what happened in their scopes. One digest a week, made whole in one
 * transaction by whichever worker comes first; weeks without a worker are skipped. Returns how many people got one.
 */
export function makeWeeklyDigest(database: Database, delivery: Delivery): Promise<number> {
  return inTransaction(database, async (transaction) => {
    const monday = digestMonday(await databaseNow(transaction));
    const { count } = await transaction.weeklyDigest.createMany({
      data: [{ weekStart: monday }],
      skipDuplicates: true,
    });
    if (count === 0) return 0;
    const scopes = await administratorScopes(transaction);
    const figures = await figuresOf(transaction, [...scopes.keys()], monday);
    return notifyPeople(
      transaction,
      [...scopes].flatMap(([scope, people]) => {
        const found = figures.get(scope);
        const notice = found ? digestNotice(found, monday) : null;
        if (notice === null) return [];
        const subjectKey = `digest:${monday.toISOString().slice(0, 10)}`;
        return people.map((person) => ({ person, subjectKey, notice }));
      }),
      delivery,
    );
  });
}

/** The active administrators by what they administer: the resources' paths, joined by spaces. */
async function administratorScopes(transaction: Transaction): Promise<Map<string, Person[]>> {
  const roles = await transaction.$queryRaw<{ id: string; permissions: Permission[] }[]>`
    SELECT id, permissions FROM role_definitions`;
  const administering = roles.filter((role) => administers(role.permissions)).map((role) => role.id);
  const administered = await transaction.$queryRaw<{ principalId: string; path: string }[]>`
    SELECT DISTINCT a.principal_id AS "principalId", r.path
    FROM assignments a JOIN resources r ON r.id = a.resource_id
    WHERE a.role_definition_id = ANY (${administering}::uuid[])
      AND a.starts_at <= postern_now() AND (a.ends_at IS NULL OR a.ends_at > postern_now())
    ORDER BY 1, 2`;
  const people = await peopleIn(
    transaction,
    administered.map((row) => row.principalId),
  );
  const byPerson = new Map<string, { person: Person; paths: Set<string> }>();
  for (const { principalId, path } of administered) {
    for (const person of people.get(principalId) ?? []) {
      const entry = byPerson.get(person.id) ?? { person, paths: new Set() };
      entry.paths.add(path);
      byPerson.set(person.id, entry);
    }
  }
  const scopes = new Map<string, Person[]>();
  for (const { person, paths } of byPerson.values()) {
    const key = [...paths].sort().join(" ");
    scopes.set(key, [...(scopes.get(key) ?? []), person]);
  }
  return scopes;
}

async function figuresOf(
  transaction: Transaction,
  scopes: readonly string[],
  monday: Date,
): Promise<Map<string, DigestFigures>> {
  const rows = await transaction.$queryRaw<(DigestFigures & { scope: string })[]>`
    WITH scopes AS (SELECT unnest(${[...scopes]}::text[]) AS scope)
    SELECT s.scope, e.*, soon."endingSoon" FROM scopes s
    CROSS JOIN LATERAL (
      SELECT
        count(*) FILTER (WHERE kind = 'RoleActivated' AND outcome = 'Success')::int AS activations,
        count(*) FILTER (WHERE kind = 'EligibleAssignmentAdded' AND outcome = 'Success')::int AS "eligibleAdded",
        count(*) FILTER (WHERE kind = 'ActiveAssignmentAdded' AND outcome = 'Success')::int AS "activeAdded",
        count(*) FILTER (WHERE kind LIKE '%AssignmentRemoved' AND outcome = 'Success')::int AS removed,
        count(*) FILTER (WHERE kind LIKE '%AssignmentExpired')::int AS ended,
        count(*) FILTER (WHERE outcome = 'Failure')::int AS refused
      FROM audit_events v
      WHERE v.occurred_at >= ${addDays(monday, -7)} AND v.occurred_at < ${monday}
        AND EXISTS (SELECT FROM unnest(string_to_array(s.scope, ' ')) AS p (path)
          WHERE v.resource_path = p.path OR starts_with(v.resource_path, p.path || '.'))
    ) e
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS "endingSoon" FROM (
        SELECT resource_id FROM eligibilities WHERE ends_at > ${monday} AND ends_at <= ${addDays(monday, 14)}
        UNION ALL
        SELECT resource_id FROM assignments WHERE ends_at > ${monday} AND ends_at <= ${addDays(monday, 14)}
          AND assignment_type = 'Assigned'
      ) x JOIN resources r ON r.id = x.resource_id
      WHERE EXISTS (SELECT FROM unnest(string_to_array(s.scope, ' ')) AS p (path)
        WHERE r.path = p.path OR starts_with(r.path, p.path || '.'))
    ) soon`;
  return new Map(rows.map(({ scope, ...figures }) => [scope, figures]));
}
