import { type ListOrder, orderText } from "@/lib/domain/text/list-order";
import { isUuid } from "@/lib/domain/text/uuid";
import { Prisma } from "@/lib/platform/generated/client";
import { parseListPlace } from "@/lib/queries/list-place";

/** A sort key of a list: as SQL, and how an address encodes its value. */
export interface SortKey {
  readonly value: Prisma.Sql;
  readonly text: Prisma.Sql;
  /** The value of a text; null if it is invalid. */
  readonly from: (text: string) => Prisma.Sql | null;
}

export function textKey(value: Prisma.Sql): SortKey {
  return { value, text: value, from: (text) => Prisma.sql`${text}::text` };
}

export function idKey(value: Prisma.Sql): SortKey {
  return {
    value,
    text: Prisma.sql`${value}::text`,
    from: (text) => (isUuid(text) ? Prisma.sql`${text}::uuid` : null),
  };
}

/** A small whole number. */
export function numberKey(value: Prisma.Sql): SortKey {
  return {
    value,
    text: Prisma.sql`${value}::text`,
    from: (text) => (/^\d{1,6}$/.test(text) ? Prisma.sql`${Number(text)}::int` : null),
  };
}

/** A moment that is never null, to the microsecond. */
export function momentKey(moment: Prisma.Sql): SortKey {
  return {
    value: moment,
    text: Prisma.sql`(extract(epoch FROM ${moment}) * 1000000)::bigint::text`,
    from: (text) =>
      /^\d{1,16}$/.test(text)
        ? Prisma.sql`timestamptz 'epoch' + ${BigInt(text)}::bigint * interval '1 microsecond'`
        : null,
  };
}

/** An end. Permanent sorts after everything that ends. */
export function endKey(endsAt: Prisma.Sql): SortKey {
  const end = momentKey(endsAt);
  return {
    value: Prisma.sql`coalesce(${endsAt}, 'infinity'::timestamptz)`,
    text: Prisma.sql`coalesce(${end.text}, 'never')`,
    from: (text) => (text === "never" ? Prisma.sql`'infinity'::timestamptz` : end.from(text)),
  };
}

/** The terms of ORDER BY. */
export function orderBy(keys: readonly SortKey[], descending: boolean): Prisma.Sql {
  const direction = descending ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  return Prisma.join(keys.map(({ value }) => Prisma.sql`${value} ${direction}`));
}

/**
 * The keys as columns of a subquery in their order, and the outer order by those columns. So the
 * planner sees that the rows are sorted already, and stops at the last one that is needed.
 */
export function keyColumns(
  keys: readonly SortKey[],
  descending: boolean,
): { readonly columns: Prisma.Sql; readonly order: Prisma.Sql } {
  const name = (index: number) => Prisma.raw(`sort_key_${index}`);
  const direction = descending ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  return {
    columns: Prisma.join(keys.map(({ value }, index) => Prisma.sql`${value} AS ${name(index)}`)),
    order: Prisma.join(keys.map((_, index) => Prisma.sql`${name(index)} ${direction}`)),
  };
}

/**
 * A row's place in a list, as the column `place`: its keys and the name of the order, so that no other order accepts
 * it.
 */
export function placeColumn(keys: readonly SortKey[], order: ListOrder<string>): Prisma.Sql {
  const texts = Prisma.join(keys.map(({ text }) => text));
  return Prisma.sql`json_build_array(${orderText(order)}::text, ${texts})::text AS place`;
}

/**
 * The condition that a row comes after the place in an address, or before it. None for the first page,
 * for a place in another order, or for an invalid one. The last key is an id.
 */
export function afterPlace(
  keys: readonly SortKey[],
  order: ListOrder<string>,
  place: string,
  direction: "after" | "before" = "after",
): Prisma.Sql {
  const values = placeValues(keys, order, place);
  if (!values) return Prisma.sql`TRUE`;
  const onward = order.descending === (direction === "after") ? Prisma.sql`<` : Prisma.sql`>`;
  const row = (count: number) => Prisma.join(keys.slice(0, count).map(({ value }) => value));
  const after = Prisma.sql`(${row(keys.length)}) ${onward} (${Prisma.join(values)})`;
  if (keys.length < 3) return after;
  // The id may belong to another table than the keys before it. This condition lets the index of those
  // keys find the place.
  const before = Prisma.join(values.slice(0, -1));
  return Prisma.sql`(${row(keys.length - 1)}) ${onward}= (${before}) AND ${after}`;
}

/** The values of the keys at a place; null if the address has none in this order. */
export function placeValues(
  keys: readonly SortKey[],
  order: ListOrder<string>,
  place: string,
): Prisma.Sql[] | null {
  const [named, ...texts] = parseListPlace(place, keys.length) ?? [];
  const values = texts.flatMap((text, index) => keys[index]?.from(text) ?? []);
  return named === orderText(order) && values.length === keys.length ? values : null;
}
