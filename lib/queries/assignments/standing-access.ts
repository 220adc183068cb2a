import { may } from "@/lib/authority/authority";
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
import { type Counted, countedAtMost, sumOf, type Total } from "@/lib/queries/assignments/access-total";
import { type Readable, readableAt, topsOf } from "@/lib/queries/assignments/readable-access";
import { roleNameAt, rolesByRisk, standingRoles } from "@/lib/queries/assignments/standing-roles";
import {
  countedOfRank,
  keys,
  order,
  rowsOfRank,
  type StandingList,
  usualFew,
  waysOf,
} from "@/lib/queries/assignments/standing-rows";
import { placeValues } from "@/lib/queries/keyset";
import { noPage, type Page, type PagePlace, type Reading, readPage } from "@/lib/queries/pages";
import { peopleRights } from "@/lib/queries/people/people";

/** Up to how many resources below one are counted. */
export const mostBelow = 1_000;
/** How many of somebody's newest events are searched for one at the place. */
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
  /** Resources below it. Counting stops at one more than `mostBelow`. */
  readonly below: number;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  /** When its holder last did something there in Postern, by their newest events. Null if that is not known. */
  readonly actedAt: Date | null;
  /** When its holder last used Postern at all. Null if that is not known. */
  readonly seenAt: Date | null;
  /** Why it is not proposed; null if it is. */
  readonly notProposed: NotProposed | null;
}

export interface StandingPage extends Page<StandingRow> {
  /** The name of the role of the filter; null if there is none that can be assigned there. */
  readonly chosenRole: string | null;
  readonly total: Total;
  /** Whether the caller may read the log here, and people. Otherwise `actedAt` and `seenAt` are not known at all. */
  readonly sees: { readonly log: boolean; readonly people: boolean };
}

type Found = Omit<StandingRow, "risk" | "notProposed"> &
  Omit<ProposalFacts, "kind" | "endsAt"> & { readonly rank: number; readonly place: string };

const size = 50;

/**
 * Direct assignments in effect at a resource and below, by risk: what the role allows at most, then how
 * near the root it is held. Fifty a page. Empty if the caller may not read assignments there. `few`
 * decides how rows are found, not which.
 */
export function listStandingAccess(
  database: Database,
  caller: Caller,
  resourceId: string,
  filter: StandingFilter,
  at: PagePlace,
  issuers: ConfirmingIssuers,
  few = usualFew,
): Promise<StandingPage> {
  return readOnce(database, async (transaction) => {
    const [readable, log, people] = [
      await readableAt(transaction, caller, { resourceId, below: true }),
      await may(transaction, caller.userId, action.readAudit, resourceId),
      await peopleRights(transaction, caller),
    ];
    const sees = { log, people: people.read };
    if (!readable) return { ...noPage, chosenRole: null, total: { count: 0, most: countedAtMost }, sees };
    const roles = await standingRoles(transaction, resourceId);
    const list = await waysOf(transaction, readable, filter, rolesByRisk(roles, filter), few);
    const now = await databaseNow(transaction);
    const page = await readPage({ keys, order, size }, at, async (reading) => {
      const found: Found[] = [];
      const from = rankAt(reading.descending ? at.before : at.before === "" ? at.after : "");
      const onward = list.ranks.filter(({ rank }) =>
        from === null ? true : reading.descending ? rank <= from : rank >= from,
      );
      // One risk after the other, five at most, until the page is full.
      for (const ranked of reading.descending ? onward.reverse() : onward)
        if (found.length <= size) {
          const rows = rowsOfRank(list, ranked, reading, at, size + 1 - found.length);
          found.push(...(await withDetails(transaction, readable, rows, { reading, issuers, sees })));
        }
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
      chosenRole: await roleNameAt(transaction, filter.roleDefinitionId, resourceId),
      sees,
      total: await total(transaction, list, page),
    };
  });
}

/** The rank of the place in an address. Ranks before or after it need not be read. Null if it has none. */
function rankAt(place: string): number | null {
  const rank = placeValues(keys, order, place)?.[0]?.values[0];
  return typeof rank === "number" ? rank : null;
}

/** Rows of the list, found by a statement, with what is shown of them. */
function withDetails(
  transaction: Transaction,
  readable: Readable,
  rows: Prisma.Sql,
  {
    reading,
    issuers,
    sees,
  }: { readonly reading: Reading; readonly issuers: ConfirmingIssuers; readonly sees: StandingPage["sees"] },
): Promise<Found[]> {
  const direction = reading.descending ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  const mfa = Prisma.sql`coalesce(m.activation_requires_mfa, true)`;
  return transaction.$queryRaw<Found[]>`
    WITH ${topsOf(readable)}, page AS MATERIALIZED (${rows})
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

/** How many there are, counted up to a limit. If the list has only one page, nothing needs to be counted. */
async function total(transaction: Transaction, list: StandingList, page: Page<unknown>): Promise<Total> {
  const shown = page.rows.length;
  if (page.previous === null && page.next === null) return { count: shown, most: countedAtMost };
  const parts: Counted[] = [];
  for (const ranked of list.ranks)
    if (!parts.some(({ more }) => more)) parts.push(await countedOfRank(transaction, list, ranked));
  const { count, most } = sumOf(parts);
  // The search may stop after few matches among many rows. There are at least as many as are shown.
  return most < shown ? { count: shown + 1, most: shown } : { count, most };
}
