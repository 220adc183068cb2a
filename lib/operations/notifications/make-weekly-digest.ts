import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import { activateFirstNotice, type RoleToActivate } from "@/lib/domain/notifications/activate-first";
import { type DigestFigures, digestMonday, digestNotice } from "@/lib/domain/notifications/weekly-digest";
import { action, administers, anyAllows } from "@/lib/domain/roles/permissions";
import { addDays } from "@/lib/domain/time/schedule";
import { countStandingAccess } from "@/lib/operations/notifications/count-standing-access";
import { type Delivery, notifyPeople } from "@/lib/operations/notifications/notify-people";
import { type Person, peopleIn } from "@/lib/operations/people/find-people";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/** How many people get the digest of what they could administer. Those with the widest scopes come first. */
const mostEligible = 1_000;

/**
 * A recipient and their digest: of what they administer or, with a role to activate first, of what they
 * could administer.
 */
interface Reader {
  readonly person: Person;
  readonly paths: Set<string>;
  /** The paths at which the same roles also let them read assignments. */
  readonly seen: Set<string>;
  readonly activateFirst: RoleToActivate | null;
}

/**
 * Sends every administrator once a week what happened in their scopes. Those who could become an administrator by
 * activating a role get the same for those scopes. There is one digest a week, made whole in one transaction by the
 * first worker. Weeks without a worker are skipped. Returns how many people got one.
 */
export function makeWeeklyDigest(database: Database, delivery: Delivery): Promise<number> {
  return inTransaction(database, async (transaction) => {
    const monday = digestMonday(await databaseNow(transaction));
    const { count } = await transaction.weeklyDigest.createMany({
      data: [{ weekStart: monday }],
      skipDuplicates: true,
    });
    if (count === 0) return 0;
    const readers = await digestReaders(transaction);
    const figures = await figuresOf(transaction, [...new Set(readers.map(scopeOf))], monday);
    const standing = await countStandingAccess(
      transaction,
      new Map(readers.map((reader) => [seenBy(reader), reader.seen])),
      monday,
    );
    const subjectKey = `digest:${monday.toISOString().slice(0, 10)}`;
    return notifyPeople(
      transaction,
      readers.flatMap((reader) => {
        const { person, activateFirst: role } = reader;
        const found = figures.get(scopeOf(reader));
        const notice = found
          ? digestNotice(
              found,
              monday,
              role ? "you can administer" : "you administer",
              standing.get(seenBy(reader)) ?? null,
            )
          : null;
        if (notice === null) return [];
        return [{ person, subjectKey, notice: role ? activateFirstNotice(notice, role) : notice }];
      }),
      delivery,
    );
  });
}

/** Where somebody has, or could have, a role that administers. */
interface Place {
  readonly principalId: string;
  readonly path: string;
  readonly roleDefinitionId: string;
}

/** What a reader administers or could administer: the resources' paths, joined by spaces. */
function scopeOf({ paths }: Reader): string {
  return [...paths].sort().join(" ");
}

/** The same for where a reader may see assignments. */
function seenBy({ seen }: Reader): string {
  return [...seen].sort().join(" ");
}

/** The active administrators, then those who could be one and are not. */
async function digestReaders(transaction: Transaction): Promise<Reader[]> {
  const roles = await transaction.$queryRaw<{ id: string; permissions: StoredPermissions }[]>`
    SELECT id, permissions FROM role_definitions`;
  const administering = roles
    .filter((role) => administers(permissionsOf(role.permissions)))
    .map((role) => role.id);
  const reading = new Set(
    roles
      .filter((role) => anyAllows(permissionsOf(role.permissions), action.readAssignments))
      .map((role) => role.id),
  );
  const administered = await transaction.$queryRaw<Place[]>`
    SELECT DISTINCT a.principal_id AS "principalId", r.path, a.role_definition_id AS "roleDefinitionId"
    FROM assignments a JOIN resources r ON r.id = a.resource_id
    WHERE a.role_definition_id = ANY (${administering}::uuid[])
      AND a.starts_at <= postern_now() AND (a.ends_at IS NULL OR a.ends_at > postern_now())
    ORDER BY 1, 2`;
  const eligible = await transaction.$queryRaw<(Place & RoleToActivate)[]>`
    SELECT e.principal_id AS "principalId", r.path, e.role_definition_id AS "roleDefinitionId", e.id AS "eligibilityId", d.role_name AS "roleName",
      r.id AS "resourceId", r.display_name AS "resourceName"
    FROM eligibilities e JOIN resources r ON r.id = e.resource_id
    JOIN role_definitions d ON d.id = e.role_definition_id
    WHERE e.role_definition_id = ANY (${administering}::uuid[])
      AND e.starts_at <= postern_now() AND (e.ends_at IS NULL OR e.ends_at > postern_now())
    ORDER BY length(r.path), e.id LIMIT ${mostEligible}`;
  const people = await peopleIn(
    transaction,
    [...administered, ...eligible].map((row) => row.principalId),
  );
  const readers = new Map<string, Reader>();
  const read = (row: Place, role: RoleToActivate | null, most: number) => {
    for (const person of people.get(row.principalId) ?? []) {
      if (!readers.has(person.id) && readers.size < most)
        readers.set(person.id, { person, paths: new Set(), seen: new Set(), activateFirst: role });
      const known = readers.get(person.id);
      if (!known || (known.activateFirst === null) !== (role === null)) continue;
      known.paths.add(row.path);
      // Of what somebody could administer, only what is visible with the role that the digest asks them
      // to activate.
      if (reading.has(row.roleDefinitionId) && known.activateFirst?.eligibilityId === role?.eligibilityId)
        known.seen.add(row.path);
    }
  };
  for (const row of administered) read(row, null, Number.POSITIVE_INFINITY);
  const most = readers.size + mostEligible;
  for (const { principalId, path, roleDefinitionId, ...role } of eligible)
    read({ principalId, path, roleDefinitionId }, role, most);
  return [...readers.values()];
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
