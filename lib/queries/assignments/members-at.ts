import { accessOf, type MemberFilter, type MemberOrder } from "@/lib/domain/assignments/member-filter";
import { containing } from "@/lib/domain/search/like-pattern";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import type { AccessTable } from "@/lib/platform/sql/access-hours";
import {
  everInEffect,
  ofState,
  stateIn,
  tablesOf,
  untilWhen,
} from "@/lib/queries/assignments/access-conditions";
import type { AccessRow } from "@/lib/queries/assignments/access-search";
import {
  type Counted,
  type CountedPage,
  counted,
  countedAtMost,
  sumOf,
  type Total,
} from "@/lib/queries/assignments/access-total";
import { endKey, idKey, momentKey, orderBy, placeColumn, type SortKey, textKey } from "@/lib/queries/keyset";
import { noPage, type PagePlace, type Reading, readPage } from "@/lib/queries/pages";

/** One table at one resource. */
interface Source {
  readonly table: AccessTable;
  readonly resourceId: string;
}

/** A page of the members of a resource, here or here and above. */
export async function membersAt(
  transaction: Transaction,
  resourceId: string,
  filter: MemberFilter,
  at: PagePlace,
  size: number,
): Promise<CountedPage<AccessRow>> {
  const ids = filter.where === "here" ? [resourceId] : await withThoseAbove(transaction, resourceId);
  const found = filter.search ? await namedSo(transaction, filter) : null;
  if (found?.people.length === 0 && found.roles.length === 0) return counted(noPage, async () => sumOf([]));
  const conditions = await conditionsOf(transaction, filter, found);
  const tables = tablesOf(accessOf(filter).state);
  const sources = ids.flatMap((id) => tables.map((table) => ({ table, resourceId: id })));
  const keys = keysOf(filter.order);
  const page = await readPage({ keys, order: filter.order, size }, at, (reading) => {
    const parts = sources.map((source) => part(source, { filter, conditions, keys, reading, size }));
    return transaction.$queryRaw<(AccessRow & { place: string })[]>`
      SELECT x.id, x.state, ${identityColumn("p")} AS member, d.id AS "roleDefinitionId",
        d.role_name AS "roleName", r.id AS "resourceId", r.display_name AS "resourceName", r.scope,
        x.starts_at AS "startsAt", x.ends_at AS "endsAt", x.removed, ${placeColumn(keys, filter.order)}
      FROM (${Prisma.join(parts, " UNION ALL ")}) x
      JOIN principals p ON p.id = x.principal_id
      JOIN role_definitions d ON d.id = x.role_definition_id
      JOIN resources r ON r.id = x.resource_id
      ORDER BY ${orderBy(keys, reading.descending)} LIMIT ${size + 1}`;
  });
  return counted(page, () => totalAt(transaction, sources, filter, conditions));
}

/** A resource and all those above it. */
async function withThoseAbove(transaction: Transaction, resourceId: string): Promise<string[]> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT a.id FROM resources here CROSS JOIN LATERAL unnest(path_ids(here.path)) AS a (id)
    WHERE here.id = ${resourceId}::uuid`;
  return rows.map(({ id }) => id);
}

/** The sort keys of `x`, with its principal as `p`. The id is last, so that no two rows have the same place. */
function keysOf(order: MemberOrder): SortKey[] {
  const id = idKey(Prisma.sql`x.id`);
  switch (order.by) {
    case "end":
      return [endKey(Prisma.sql`x.ends_at`), id];
    case "start":
      return [momentKey(Prisma.sql`x.starts_at`), id];
    case "member":
      // Name, then id: the order of an index on principals.
      return [textKey(Prisma.sql`lower(p.display_name)`), idKey(Prisma.sql`p.id`), id];
  }
}

/** The conditions on the rows `x` of a source: its place, and the filter in its table. */
function ofSource({ table, resourceId }: Source, filter: MemberFilter): Prisma.Sql[] {
  const { state, when } = accessOf(filter);
  return [
    // A literal in the statement and not a column of another table, so that the plan fits the number of
    // rows there.
    Prisma.sql`x.resource_id = ${resourceId}::uuid`,
    untilWhen({ when }),
    everInEffect,
    ofState({ state }, table),
  ];
}

/** One page of one table at one resource. */
function part(
  source: Source,
  asked: {
    readonly filter: MemberFilter;
    readonly conditions: readonly Prisma.Sql[];
    readonly keys: readonly SortKey[];
    readonly reading: Reading;
    readonly size: number;
  },
): Prisma.Sql {
  const { filter, keys, reading } = asked;
  const conditions = [...ofSource(source, filter), reading.beyond, ...asked.conditions];
  const people =
    filter.order.by === "member" ? Prisma.sql`JOIN principals p ON p.id = x.principal_id` : Prisma.empty;
  return Prisma.sql`(
    SELECT x.id, ${stateIn(source.table)} AS state, x.principal_id, x.role_definition_id, x.resource_id, x.starts_at,
      x.ends_at, x.removed_at IS NOT NULL AS removed
    FROM ${Prisma.raw(source.table)} x ${people} WHERE ${Prisma.join(conditions, " AND ")}
    ORDER BY ${orderBy(keys, reading.descending)} LIMIT ${asked.size + 1})`;
}

/** How many rows the sources have together. */
async function totalAt(
  transaction: Transaction,
  sources: readonly Source[],
  filter: MemberFilter,
  conditions: readonly Prisma.Sql[],
): Promise<Total> {
  const counts = sources.map((source) => {
    const all = Prisma.join([...ofSource(source, filter), ...conditions], " AND ");
    return Prisma.sql`(SELECT count(*)::int AS count, count(*) > ${countedAtMost} AS more FROM (
      SELECT FROM ${Prisma.raw(source.table)} x WHERE ${all} LIMIT ${countedAtMost + 1}) met)`;
  });
  return sumOf(await transaction.$queryRaw<Counted[]>(Prisma.join(counts, " UNION ALL ")));
}

/** The ids that a search finds, if there are few enough to look them up one by one. */
interface Named {
  readonly people: readonly string[];
  readonly roles: readonly string[];
}

const lookedUp = 200;

/**
 * Looked up once, before the rows. In a resource with half a million members, the members with a rare
 * name are found by these people's own access. The planner does so only if it knows their ids.
 */
async function namedSo(transaction: Transaction, { search, roleDefinitionId }: MemberFilter): Promise<Named> {
  const pattern = containing(search);
  const [named] = await transaction.$queryRaw<Named[]>`
    SELECT array(SELECT s.id FROM principals s
        WHERE (s.display_name || ' ' || coalesce(s.email, '')) ILIKE ${pattern} LIMIT ${lookedUp + 1}) AS people,
      array(SELECT s.id FROM role_definitions s
        WHERE ${roleDefinitionId}::uuid IS NULL AND s.role_name ILIKE ${pattern} LIMIT ${lookedUp + 1}) AS roles`;
  return named ?? { people: [], roles: [] };
}

/** The conditions on a row's role and member. */
async function conditionsOf(
  transaction: Transaction,
  filter: MemberFilter,
  found: Named | null,
): Promise<Prisma.Sql[]> {
  const conditions: Prisma.Sql[] = [];
  if (filter.roleDefinitionId)
    conditions.push(Prisma.sql`x.role_definition_id = ${filter.roleDefinitionId}::uuid`);
  if (found) conditions.push(matching(filter, found));
  if (filter.kind) conditions.push(await ofKind(transaction, filter.kind));
  return conditions;
}

async function ofKind(
  transaction: Transaction,
  kind: NonNullable<MemberFilter["kind"]>,
): Promise<Prisma.Sql> {
  const those = await transaction.$queryRaw<{ id: string }[]>`
    SELECT s.id FROM principals s WHERE s.type = ${kind}::principal_type LIMIT ${lookedUp + 1}`;
  return those.length <= lookedUp
    ? Prisma.sql`x.principal_id = ANY (${those.map(({ id }) => id)}::uuid[])`
    : Prisma.sql`x.principal_id IN (SELECT s.id FROM principals s WHERE s.type = ${kind}::principal_type)`;
}

function matching({ roleDefinitionId, search }: MemberFilter, { people, roles }: Named): Prisma.Sql {
  const pattern = containing(search);
  const byMember =
    people.length <= lookedUp
      ? Prisma.sql`x.principal_id = ANY (${[...people]}::uuid[])`
      : Prisma.sql`x.principal_id IN (SELECT s.id FROM principals s
          WHERE (s.display_name || ' ' || coalesce(s.email, '')) ILIKE ${pattern})`;
  // Within one role, the role's name distinguishes nobody.
  if (roleDefinitionId || roles.length === 0) return byMember;
  const byRole =
    roles.length <= lookedUp
      ? Prisma.sql`x.role_definition_id = ANY (${[...roles]}::uuid[])`
      : Prisma.sql`x.role_definition_id IN (SELECT s.id FROM role_definitions s WHERE s.role_name ILIKE ${pattern})`;
  return people.length === 0 ? byRole : Prisma.sql`(${byMember} OR ${byRole})`;
}
