import { may } from "@/lib/authority/authority";
import { allAccess } from "@/lib/domain/assignments/access-filter";
import {
  type NotProposed,
  type ProposalFacts,
  type StandingFilter,
  whyNotProposed,
} from "@/lib/domain/assignments/standing-access";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { action } from "@/lib/domain/roles/permissions";
import { type RoleRisk, roleRisks } from "@/lib/domain/roles/role-risk";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import { type ConfirmingIssuers, hasSecondFactor } from "@/lib/platform/sql/factors-in-force";
import { pathBelow, pathWithin } from "@/lib/platform/sql/path-below";
import { databaseNow, readOnce } from "@/lib/platform/transaction";
import { inEffect, peopleConditions } from "@/lib/queries/assignments/access-conditions";
import { countedAtMost, type Total } from "@/lib/queries/assignments/access-total";
import { type Readable, readableAt, rowsIn, topsOf } from "@/lib/queries/assignments/readable-access";
import { rolesByRisk, type StandingRole, standingRoles } from "@/lib/queries/assignments/standing-roles";
import { idKey, numberKey, orderBy, placeColumn } from "@/lib/queries/keyset";
import { parseListPlace } from "@/lib/queries/list-place";
import { noPage, type Page, type PagePlace, type Reading, readPage } from "@/lib/queries/pages";
import { peopleRights } from "@/lib/queries/people/people";

/** Resources below one are counted up to so many. */
export const mostBelow = 1_000;
/** So many of somebody's newest events are looked at for one at the place. */
const eventsLookedAt = 200;

export interface StandingRow {
  readonly id: string;
  readonly member: PrincipalIdentity;
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly risk: RoleRisk;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly scope: string;
  /** Resources below it, `mostBelow` at the most, and one more if there are more. */
  readonly below: number;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  /** When its holder last did something there in Postern, by their newest events; null if that is not known. */
  readonly actedAt: Date | null;
  /** When its holder was last here at all; null if that is not known. */
  readonly seenAt: Date | null;
  /** Why it is not proposed; null if it is. */
  readonly notProposed: NotProposed | null;
}

export interface StandingPage extends Page<StandingRow> {
  readonly roles: readonly StandingRole[];
  readonly total: Total;
  /** Whether the caller reads the log here, and people: whether `actedAt` and `seenAt` are known at all. */
  readonly sees: { readonly log: boolean; readonly people: boolean };
}

type Found = Omit<StandingRow, "risk" | "notProposed"> &
  Omit<ProposalFacts, "kind" | "endsAt"> & { readonly rank: number; readonly place: string };

const size = 50;
const order = { by: "risk", descending: false } as const;
const keys = [
  numberKey(Prisma.sql`g.rank`),
  numberKey(Prisma.sql`g.depth`),
  idKey(Prisma.sql`g.resource_id`),
  idKey(Prisma.sql`g.role_id`),
  idKey(Prisma.sql`x.id`),
];

/**
 * Direct assignments in effect at a resource and below, by risk: what the role allows at most, then how near the root it is
 * held. Fifty a page. Empty if the caller may not read assignments there.
 */
export function listStandingAccess(
  database: Database,
  caller: Caller,
  resourceId: string,
  filter: StandingFilter,
  at: PagePlace,
  issuers: ConfirmingIssuers,
): Promise<StandingPage> {
  return readOnce(database, async (transaction) => {
    const [readable, log, people] = [
      await readableAt(transaction, caller, { resourceId, below: true }),
      await may(transaction, caller.userId, action.readAudit, resourceId),
      await peopleRights(transaction, caller),
    ];
    const sees = { log, people: people.read };
    if (!readable) return { ...noPage, roles: [], total: { count: 0, most: countedAtMost }, sees };
    const roles = await standingRoles(transaction, resourceId);
    const ranks = rolesByRisk(roles, filter);
    const { narrow, byRow } = await peopleConditions(
      transaction,
      { ...allAccess, search: filter.search, kind: filter.kind },
      issuers,
    );
    const list = { readable, narrow, byRow, issuers, sees };
    const now = await databaseNow(transaction);
    const page = await readPage({ keys, order, size }, at, async (reading) => {
      const found: Found[] = [];
      const from = rankAt(reading.descending ? at.before : at.before === "" ? at.after : "");
      const onward = ranks.filter(({ rank }) =>
        from === null ? true : reading.descending ? rank <= from : rank >= from,
      );
      // One risk after the other, five at the most, until the page is full.
      for (const { rank, ids } of reading.descending ? onward.reverse() : onward)
        if (found.length <= size)
          found.push(...(await ofRank(transaction, list, { rank, ids }, reading, size + 1 - found.length)));
      return found;
    });
    return {
      ...page,
      rows: page.rows.map(({ rank, disabled, breakGlass, lastOwner, lacksFactor, ...row }) => ({
        ...row,
        risk: roleRisks[rank] ?? "Reads",
        notProposed: whyNotProposed(
          { kind: row.member.type, disabled, breakGlass, lastOwner, lacksFactor, endsAt: row.endsAt },
          now,
        ),
      })),
      roles,
      sees,
      total: await total(
        transaction,
        list,
        ranks.flatMap(({ ids }) => ids),
      ),
    };
  });
}

/** The rank of the place in an address, before or after which no other has to be read; null if it has none. */
function rankAt(place: string): number | null {
  const rank = parseListPlace(place, keys.length)?.[1];
  return rank !== undefined && /^\d$/.test(rank) ? Number(rank) : null;
}

interface List {
  readonly readable: Readable;
  readonly narrow: readonly Prisma.Sql[];
  readonly byRow: readonly Prisma.Sql[];
  readonly issuers: ConfirmingIssuers;
  readonly sees: StandingPage["sees"];
}

const all = (conditions: readonly Prisma.Sql[]) =>
  conditions.length > 0 ? Prisma.sql`(${Prisma.join([...conditions], " AND ")})` : Prisma.sql`TRUE`;

/** The direct assignments `x` of some roles. */
const assigned = ({ readable, narrow }: List, ids: readonly string[]) => Prisma.sql`
  ${rowsIn(readable, "assignments")} AND x.assignment_type = 'Assigned'
    AND x.role_definition_id = ANY (${[...ids]}::uuid[]) AND ${all(narrow)}`;

/**
 * The rows of one risk. First every role and resource with such assignments, from the index alone, sorted; then their rows,
 * group by group, until the page is full.
 */
function ofRank(
  transaction: Transaction,
  list: List,
  { rank, ids }: { readonly rank: number; readonly ids: readonly string[] },
  { beyond, descending }: Reading,
  limit: number,
): Promise<Found[]> {
  const { issuers, sees } = list;
  const direction = descending ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  const mfa = Prisma.sql`coalesce(m.activation_requires_mfa, true)`;
  return transaction.$queryRaw<Found[]>`
    WITH ${topsOf(list.readable)}, groups AS MATERIALIZED (
      SELECT ${rank}::int AS rank, cardinality(path_ids(r.path)) AS depth, r.id AS resource_id, r.path, u.role_id
      FROM (SELECT DISTINCT x.role_definition_id AS role_id, x.resource_id FROM ${assigned(list, ids)}) u
      JOIN resources r ON r.id = u.resource_id
    ), page AS MATERIALIZED (
      SELECT x.id, x.principal_id, x.starts_at, x.ends_at, g.*, ${placeColumn(keys, order)}
      FROM groups g JOIN assignments x ON x.role_definition_id = g.role_id AND x.resource_id = g.resource_id
      WHERE x.assignment_type = 'Assigned' AND ${inEffect} AND ${all([...list.narrow, ...list.byRow])} AND ${beyond}
      ORDER BY ${orderBy(keys, descending)} LIMIT ${limit})
    SELECT s.id, ${identityColumn("p")} AS member, d.id AS "roleDefinitionId", d.role_name AS "roleName",
      r.id AS "resourceId", r.display_name AS "resourceName", r.scope, s.starts_at AS "startsAt",
      s.ends_at AS "endsAt", s.rank, s.place,
      (SELECT count(*)::int FROM (
        SELECT FROM resources b WHERE ${pathBelow("b.path", "s.path")} LIMIT ${mostBelow + 1}) b) AS below,
      CASE WHEN ${sees.log} THEN (SELECT max(e.occurred_at) FROM (
        SELECT occurred_at, resource_path, outcome FROM audit_events WHERE actor_id = p.id
        ORDER BY occurred_at DESC, sequence DESC LIMIT ${eventsLookedAt}) e
        WHERE e.outcome = 'Success' AND ${pathWithin("e.resource_path", "s.path")}) END AS "actedAt",
      CASE WHEN ${sees.people} THEN (SELECT max(l.last_seen_at) FROM sessions l
        WHERE l.user_id = p.id AND NOT l.awaits_factor) END AS "seenAt",
      p.disabled_at IS NOT NULL AS disabled,
      EXISTS (SELECT FROM break_glass_accounts k WHERE k.user_id = p.id) AS "breakGlass",
      r.parent_id IS NULL AND d.id = ${ownerRoleId}::uuid AND s.ends_at IS NULL AND p.type = 'User' AND NOT EXISTS (
        SELECT FROM assignments o JOIN principals q ON q.id = o.principal_id
        WHERE o.role_definition_id = d.id AND o.resource_id = r.id AND o.assignment_type = 'Assigned'
          AND o.ends_at IS NULL AND o.id <> s.id AND o.starts_at <= postern_now()
          AND q.type = 'User' AND q.disabled_at IS NULL) AS "lastOwner",
      p.type = 'User' AND ${mfa} AND NOT CASE WHEN m.activation_phishing_resistant
        THEN ${hasSecondFactor(Prisma.sql`p.id`, issuers, "PhishingResistant")}
        ELSE ${hasSecondFactor(Prisma.sql`p.id`, issuers)} END AS "lacksFactor"
    FROM page s JOIN principals p ON p.id = s.principal_id JOIN role_definitions d ON d.id = s.role_id
    JOIN resources r ON r.id = s.resource_id
    LEFT JOIN role_management_policies m ON m.role_definition_id = s.role_id AND m.resource_id = s.resource_id
    ORDER BY s.rank ${direction}, s.depth ${direction}, s.resource_id ${direction}, s.role_id ${direction},
      s.id ${direction}`;
}

/** How many there are, counted up to a limit. */
async function total(transaction: Transaction, list: List, ids: readonly string[]): Promise<Total> {
  const [found] = await transaction.$queryRaw<{ count: number }[]>`
    WITH ${topsOf(list.readable)}
    SELECT count(*)::int AS count FROM (
      SELECT FROM ${assigned(list, ids)} AND ${inEffect} AND ${all(list.byRow)} LIMIT ${countedAtMost + 1}) x`;
  return { count: found?.count ?? 0, most: countedAtMost };
}
