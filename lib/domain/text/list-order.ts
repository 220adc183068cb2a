/** The order of a list: one of its columns, ascending or descending. */
export interface ListOrder<Column extends string> {
  readonly by: Column;
  readonly descending: boolean;
}

/** The order in one word, `name` or `-name`, as an address and a place in the list contain it. */
export function orderText({ by, descending }: ListOrder<string>): string {
  return `${descending ? "-" : ""}${by}`;
}
