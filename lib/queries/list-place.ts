import { isUuid } from "@/lib/domain/text/uuid";

/** A place in a list, as an address encodes it: the sort keys of its last row, and its id for rows with equal keys. */
export function listPlaceText(keys: readonly string[], id: string): string {
  return JSON.stringify([...keys, id]);
}

/** The place in an address: the keys, and the id after them. Null if it is invalid. */
export function parseListPlace(text: string, keys: number): readonly string[] | null {
  let place: unknown;
  try {
    place = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(place) || place.length !== keys + 1) return null;
  const texts = place.filter((each) => typeof each === "string" && !each.includes("\0"));
  return isUuid(place.at(-1)) && texts.length === place.length ? texts : null;
}
