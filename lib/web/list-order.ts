import { type ListOrder, orderText } from "@/lib/domain/text/list-order";

/** The order in an address, as `name` or `-name`. `usual` if it names none of these columns. */
export function parseOrder<Column extends string>(
  columns: readonly Column[],
  text: unknown,
  usual: ListOrder<Column>,
): ListOrder<Column> {
  const named = typeof text === "string" ? text : "";
  const by = columns.find((column) => column === named.replace(/^-/, ""));
  return by ? { by, descending: named.startsWith("-") } : usual;
}

/** The head of a sortable column: the address of its link, and the present order. */
export interface SortableHead {
  readonly label: string;
  readonly href: string;
  readonly sorted: "ascending" | "descending" | null;
}

/** The head of a column. Its link sorts the list by it, and reverses the order if it is sorted by it already. */
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
