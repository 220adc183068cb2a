/** The query of an address: a value, several, or none for each name. */
export type Query = Readonly<Record<string, string | readonly string[] | null | undefined>>;

/** An address with a query, and with changes to it. Empty values are left out. */
export function withQuery(path: string, query: Query, changes: Query = {}): string {
  const pairs = Object.entries({ ...query, ...changes }).flatMap(([name, values]) =>
    [values ?? []].flat().flatMap((value) => (value === "" ? [] : [[name, value]])),
  );
  return pairs.length > 0 ? `${path}?${new URLSearchParams(pairs)}` : path;
}
