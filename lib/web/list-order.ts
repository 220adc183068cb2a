import { type ListOrder, orderText } from "@/lib/domain/text/list-order";

/** The order that an address names, as `name` or `-name`; `usual` where it names none of these columns. */
export function parseOrder<Column extends string>(
  columns: readonly Column[],
  text: unknown,
  usual: ListOrder<Column>,
): ListOrder<Column> {
  const named = typeof text === "string" ? text : "";
  const by = columns.find((column) => column === named.replace(/^-/, ""));
  return by ? { by, descending: named.startsWith("-") } : usual;
}

/** The head of a column by which a list can be put in order: where its link leads, and how the list is ordered now. */
export interface SortableHead {
  readonly label: string;
  readonly href: string;
  readonly sorted: "ascending" | "descending" | null;
}

/** The head of a column: its link puts the list in its order, the other way around when it is in that order already. */
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
