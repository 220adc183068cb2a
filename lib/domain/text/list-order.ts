/** The order of a list: a column of it, up or down. */
export interface ListOrder<Column extends string> {
  readonly by: Column;
  readonly descending: boolean;
}

/** The order in one word, `name` or `-name`: as an address and a place in the list carry it. */
export function orderText({ by, descending }: ListOrder<string>): string {
  return `${descending ? "-" : ""}${by}`;
}
