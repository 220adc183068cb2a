import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { type AuditConditions, readable, readableRow } from "@/lib/queries/audit/audit-conditions";

/** A place in the log. The log is ordered by time and, within one microsecond, by the order of writing. */
export interface AuditCursor {
  /** Microseconds since 1970-01-01 UTC, as the database stores it. A `Date` is coarser. */
  readonly occurredAtMicroseconds: bigint;
  readonly sequence: bigint;
}

/** The place from which a page begins, and the direction from there. */
export interface AuditPosition {
  readonly from: AuditCursor;
  readonly towards: "older" | "newer";
}

/**
 * For a reader of a part of the log, and for a search by name, the `first` nearest events are read
 * before all others. At most `byName` events are found by name before they are sorted.
 */
export const placeLimits: { readonly first: readonly number[]; readonly byName: number } = {
  first: [1_000, 20_000],
  byName: 5_000,
};

type Place = AuditCursor & { readonly id: string };

interface Asked extends AuditConditions {
  readonly position: AuditPosition | null;
  /** The person whose own events may be read besides. Null for nobody's. */
  readonly own: Caller | null;
  readonly paths: "everything" | readonly string[];
  readonly limit: number;
}

/**
 * The ids of the events of a page and one more, nearest first: among the first ones in the log's order,
 * or by an index for rare ones.
 */
export async function findPlaces(
  transaction: Transaction,
  asked: Asked,
  { first, byName }: typeof placeLimits,
): Promise<Place[]> {
  const { named, byRow, own, paths, limit } = asked;
  const oneByOne = [...byRow, ...named, readableRow(own, paths)];
  const windows = named.length === 0 && paths === "everything" ? [] : first;
  for (const number of named.length > 0 ? windows.slice(0, 1) : windows) {
    const nearest = Prisma.sql`(${firstOf(asked, number)}) nearest`;
    const near = await transaction.$queryRaw<Place[]>(pageOf(asked, nearest, oneByOne));
    if (near.length > limit) return near;
    if (named.length > 0) continue;
    const [rest] = await transaction.$queryRaw<{ any: boolean }[]>`
      SELECT EXISTS (${firstOf(asked, number + 1)} OFFSET ${number}) AS any`;
    if (!rest?.any) return near;
  }
  if (named.length === 0 && paths === "everything") {
    const nearest = Prisma.sql`(${firstOf(asked, limit + 1, byRow)}) nearest`;
    return transaction.$queryRaw<Place[]>(pageOf(asked, nearest, [Prisma.sql`TRUE`]));
  }
  const events = Prisma.sql`SELECT * FROM audit_events WHERE ${all([...inOrderOf(asked), ofKinds(asked), ofPerson(asked)])}`;
  const everywhere = Prisma.sql`(${events}) all_of_it`;
  if (named.length === 0)
    return transaction.$queryRaw<Place[]>(pageOf(asked, everywhere, [...byRow, readable(own, paths)]));
  // Rare names are found by their index, whatever the statistics say.
  const found = await transaction.$queryRaw<
    ({ readonly whole: boolean } & (Place | { readonly id: null }))[]
  >`
    WITH found AS MATERIALIZED (${events} AND ${all(named)} LIMIT ${byName + 1}),
    counted AS (SELECT count(*) <= ${byName} AS whole FROM found)
    SELECT counted.whole, page.* FROM counted LEFT JOIN LATERAL (
      ${pageOf(asked, Prisma.sql`found`, [
        Prisma.sql`counted.whole`,
        ...byRow,
        readableRow(own, paths),
      ])}) page ON TRUE
    ORDER BY page."occurredAtMicroseconds" ${direction(asked)}, page.sequence ${direction(asked)}`;
  return found[0]?.whole
    ? found.filter((row) => row.id !== null)
    : transaction.$queryRaw<Place[]>(pageOf(asked, everywhere, oneByOne));
}

function pageOf(asked: Asked, from: Prisma.Sql, conditions: readonly Prisma.Sql[]): Prisma.Sql {
  return Prisma.sql`
    SELECT id, sequence, (extract(epoch FROM occurred_at) * 1000000)::bigint AS "occurredAtMicroseconds"
    FROM ${from} WHERE ${all(conditions)} ${inOrder(asked)} LIMIT ${asked.limit + 1}`;
}

/**
 * The first `number` events in the log's order. For a person, the first that they did and the first
 * done to them, each by its index. For several kinds, the first of each by the index of its kind, since
 * no index has the events of several kinds in order.
 */
function firstOf(asked: Asked, number: number, byRow: readonly Prisma.Sql[] = []): Prisma.Sql {
  if (asked.personId !== null) {
    const besides = all([...inOrderOf(asked), ...byRow, ofKinds(asked)]);
    const first = (whose: Prisma.Sql) => Prisma.sql`(SELECT * FROM audit_events
      WHERE ${whose} AND ${besides} ${inOrder(asked)} LIMIT ${number})`;
    const did = Prisma.sql`actor_id = ${asked.personId}::uuid`;
    const concern = Prisma.sql`target_id = ${asked.personId}::uuid AND (${did}) IS NOT TRUE`;
    return Prisma.sql`SELECT * FROM (${first(did)} UNION ALL ${first(concern)}) of_person
      ${inOrder(asked)} LIMIT ${number}`;
  }
  const conditions = all([...inOrderOf(asked), ...byRow]);
  if (asked.kinds.length === 0)
    return Prisma.sql`SELECT * FROM audit_events WHERE ${conditions} ${inOrder(asked)} LIMIT ${number}`;
  return Prisma.sql`SELECT of_kind.* FROM unnest(${[...asked.kinds]}::text[]) AS wanted (wanted_kind)
    CROSS JOIN LATERAL (SELECT * FROM audit_events WHERE kind = wanted_kind AND ${conditions}
      ${inOrder(asked)} LIMIT ${number}) of_kind
    ${inOrder(asked)} LIMIT ${number}`;
}

const all = (conditions: readonly Prisma.Sql[]) => Prisma.join([...conditions], " AND ");

const inOrderOf = ({ inOrder, position }: Asked) => (position ? [...inOrder, beyond(position)] : inOrder);

const ofKinds = ({ kinds }: Asked) =>
  kinds.length === 0 ? Prisma.sql`TRUE` : Prisma.sql`kind = ANY(${[...kinds]}::text[])`;

const ofPerson = ({ personId }: Asked) =>
  personId === null
    ? Prisma.sql`TRUE`
    : Prisma.sql`(actor_id = ${personId}::uuid OR target_id = ${personId}::uuid)`;

const direction = ({ position }: Asked) => Prisma.raw(position?.towards === "newer" ? "ASC" : "DESC");

const inOrder = (asked: Asked) =>
  Prisma.sql`ORDER BY occurred_at ${direction(asked)}, sequence ${direction(asked)}`;

/** Beyond the end of the page from which the reader comes. */
function beyond({ from, towards }: AuditPosition): Prisma.Sql {
  return Prisma.sql`(occurred_at, sequence) ${Prisma.raw(towards === "newer" ? ">" : "<")}
    (timestamptz 'epoch' + ${from.occurredAtMicroseconds}::bigint * interval '1 microsecond', ${from.sequence}::bigint)`;
}
