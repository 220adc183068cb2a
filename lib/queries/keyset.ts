import { type ListOrder, orderText } from "@/lib/domain/list-order";
import { parseListPlace } from "@/lib/domain/list-place";
import { Prisma } from "@/lib/platform/generated/client";

/** One of the values that a list is ordered by: as SQL, and how an address carries it and brings it back. */
export interface SortKey {
  readonly value: Prisma.Sql;
  readonly text: Prisma.Sql;
  /** The value that a text stands for; null for a text that is none. */
  readonly from: (text: string) => Prisma.Sql | null;
}

export function textKey(value: Prisma.Sql): SortKey {
  return { value, text: value, from: (text) => Prisma.sql`${text}::text` };
}

export function idKey(value: Prisma.Sql): SortKey {
  const id = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
  return {
    value,
    text: Prisma.sql`${value}::text`,
    from: (text) => (id.test(text) ? Prisma.sql`${text}::uuid` : null),
  };
}

/** A moment that there always is, to the microsecond. */
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

/** An end: what is permanent comes after everything that ends. */
export function endKey(endsAt: Prisma.Sql): SortKey {
  const end = momentKey(endsAt);
  return {
    value: Prisma.sql`coalesce(${endsAt}, 'infinity'::timestamptz)`,
    text: Prisma.sql`coalesce(${end.text}, 'never')`,
    from: (text) => (text === "never" ? Prisma.sql`'infinity'::timestamptz` : end.from(text)),
  };
}

/** What ORDER BY takes. */
export function orderBy(keys: readonly SortKey[], descending: boolean): Prisma.Sql {
  const direction = descending ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  return Prisma.join(keys.map(({ value }) => Prisma.sql`${value} ${direction}`));
}

/**
 * The keys as columns of a subquery that is read in their order, and the order by those columns outside of it: the plan
 * sees that the rows come in order already, and stops at the last one that is wanted.
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

/** A row's place in a list as a column `place`: the order's name, so that no other order takes it up, and its keys. */
export function placeColumn(keys: readonly SortKey[], order: ListOrder<string>): Prisma.Sql {
  const texts = Prisma.join(keys.map(({ text }) => text));
  return Prisma.sql`json_build_array(${orderText(order)}::text, ${texts})::text AS place`;
}

/**
 * The condition that a row comes after the place that an address carries; nothing to hold to for the first page, a
 * place in another order, or one that makes no sense. The last key is an id.
 */
export function afterPlace(keys: readonly SortKey[], order: ListOrder<string>, place: string): Prisma.Sql {
  const [named, ...texts] = parseListPlace(place, keys.length) ?? [];
  const values = texts.flatMap((text, index) => keys[index]?.from(text) ?? []);
  if (named !== orderText(order) || values.length !== keys.length) return Prisma.sql`TRUE`;
  const onward = order.descending ? Prisma.sql`<` : Prisma.sql`>`;
  const row = (count: number) => Prisma.join(keys.slice(0, count).map(({ value }) => value));
  const after = Prisma.sql`(${row(keys.length)}) ${onward} (${Prisma.join(values)})`;
  if (keys.length < 3) return after;
  // The id may be another table's than what goes before it, whose index finds the place by this.
  const before = Prisma.join(values.slice(0, -1));
  return Prisma.sql`(${row(keys.length - 1)}) ${onward}= (${before}) AND ${after}`;
}
