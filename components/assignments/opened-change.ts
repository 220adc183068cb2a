/** The name of the parameter that opens a row's change. */
const name = "change";

/** The address of a list with the dialog of one row's change open, to return to. */
export function addressOfChange(
  list: string,
  opened: { readonly change: string; readonly id: string },
): string {
  return `${list}${list.includes("?") ? "&" : "?"}${name}=${opened.change}.${opened.id}`;
}

/** What an address asks to open, and the address without it. Null if it does not. */
export function changeInAddress(
  address: string,
): { readonly change: string; readonly id: string; readonly rest: string } | null {
  const url = new URL(address);
  const [change, id] = url.searchParams.get(name)?.split(".") ?? [];
  if (change === undefined || id === undefined) return null;
  url.searchParams.delete(name);
  return { change, id, rest: `${url.pathname}${url.search}` };
}
