/** A place in a list: what its last row is ordered by, and its id where those are the same. As an address carries it. */
export function listPlaceText(keys: readonly string[], id: string): string {
  return JSON.stringify([...keys, id]);
}

/** The place that an address names: so many keys, and the id after them; null when it makes no sense. */
export function parseListPlace(text: string, keys: number): readonly string[] | null {
  let place: unknown;
  try {
    place = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(place) || place.length !== keys + 1) return null;
  const texts = place.filter((each) => typeof each === "string" && !each.includes("\0"));
  const id: unknown = place.at(-1);
  const known = typeof id === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
  return known && texts.length === place.length ? texts : null;
}
