/** The order of a list: a column of it, up or down. */
export interface ListOrder<Column extends string> {
  readonly by: Column;
  readonly descending: boolean;
}

/** The order in an address, as `name` or `-name`; `usual` if it names none of these columns. */
export function parseOrder<Column extends string>(
  columns: readonly Column[],
  text: unknown,
  usual: ListOrder<Column>,
): ListOrder<Column> {
  const named = typeof text === "string" ? text : "";
  const by = columns.find((column) => column === named.replace(/^-/, ""));
  return by ? { by, descending: named.startsWith("-") } : usual;
}

/** The order as an address. */
export function orderText({ by, descending }: ListOrder<string>): string {
  return `${descending ? "-" : ""}${by}`;
}

/** A column head that sorts a list: where its link leads, and how the list is sorted now. */
export interface SortableHead {
  readonly label: string;
  readonly href: string;
  readonly sorted: "ascending" | "descending" | null;
}

/** A column head. Its link sorts by the column, in reverse if the list is sorted by it already. */
export function sortableHead<Column extends string>(
  order: ListOrder<Column>,
  by: Column,
  label: string,
  address: (sort: string) => string,
): SortableHead {
  const current = order.by === by;
  const sorted = order.descending ? "descending" : "ascending";
  return {
    label,
    href: address(orderText({ by, descending: current && !order.descending })),
    sorted: current ? sorted : null,
  };
}
