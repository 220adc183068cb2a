import { badRequest } from "@/lib/domain/directories/scim-fault";
import { attributePath, type Filter, parseFilter } from "@/lib/domain/directories/scim-filter";
import { isUuid } from "@/lib/domain/text/uuid";

/** How many resources a page has if nothing else is asked for, and at most. */
export const defaultPage = 100;
export const largestPage = 200;

/** Where a page begins: at an index from 1, or after what a cursor names (RFC 9865). */
export type PageStart =
  | { readonly by: "index"; readonly startIndex: number }
  | { readonly by: "cursor"; readonly after: Cursor | null };

/** The last resource of the page before, by what it is sorted by. */
export interface Cursor {
  readonly key: string;
  readonly id: string;
}

export interface ListQuery {
  readonly filter: Filter | null;
  readonly sortBy: string | null;
  readonly descending: boolean;
  readonly start: PageStart;
  readonly count: number;
  readonly attributes: Attributes;
}

/** Which attributes an answer has (RFC 7644, section 3.9). */
export interface Attributes {
  readonly only: readonly string[] | null;
  readonly without: readonly string[];
}

const listOf = (value: unknown) =>
  (Array.isArray(value) ? value.map(String) : typeof value === "string" ? value.split(",") : [])
    .map((name) => attributePath(name.trim()))
    .filter((name) => name !== "");

export function attributesOf(asked: ReadonlyMap<string, unknown>): Attributes {
  const only = listOf(asked.get("attributes"));
  return { only: only.length > 0 ? only : null, without: listOf(asked.get("excludedattributes")) };
}

function wholeNumber(value: unknown, name: string): number | null {
  if (value === undefined || value === null || value === "") return null;
  const number = typeof value === "number" ? value : Number(String(value));
  if (!Number.isInteger(number)) throw badRequest("invalidValue", `“${name}” must be a whole number.`);
  return number;
}

/**
 * What a list is asked for, by names in lower case: the parameters of an address, or the body of `.search`. A count below
 * zero means none, and a start below one means one (RFC 7644, table 6).
 */
export function listQuery(asked: ReadonlyMap<string, unknown>): ListQuery {
  const filter = asked.get("filter");
  const sortBy = asked.get("sortby");
  const order = asked.get("sortorder");
  if (order !== undefined && !/^(a|de)scending$/i.test(String(order)))
    throw badRequest("invalidValue", "“sortOrder” must be ascending or descending.");
  const cursor = asked.get("cursor");
  const count = wholeNumber(asked.get("count"), "count") ?? defaultPage;
  const startIndex = wholeNumber(asked.get("startindex"), "startIndex") ?? 1;
  return {
    filter: typeof filter === "string" && filter.trim() !== "" ? parseFilter(filter) : null,
    sortBy: typeof sortBy === "string" && sortBy !== "" ? attributePath(sortBy) : null,
    descending: String(order).toLowerCase() === "descending",
    start:
      cursor === undefined || cursor === null
        ? { by: "index", startIndex: Math.min(Math.max(1, startIndex), 10_000_000) }
        : { by: "cursor", after: cursor === "" ? null : readCursor(cursor) },
    count: Math.min(Math.max(0, count), largestPage),
    attributes: attributesOf(asked),
  };
}

export function writeCursor({ key, id }: Cursor): string {
  return Buffer.from(JSON.stringify([key, id])).toString("base64url");
}

const wrongCursor = () =>
  badRequest("invalidCursor", "This cursor is none of Postern's. Begin again without one.");

function readCursor(value: unknown): Cursor {
  if (typeof value !== "string" || value.length > 4_000 || !/^[\w-]+$/.test(value)) throw wrongCursor();
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(value, "base64url").toString("utf8"));
  } catch {
    throw wrongCursor();
  }
  if (!Array.isArray(parsed) || parsed.length !== 2) throw wrongCursor();
  const [key, id]: unknown[] = parsed;
  if (typeof key !== "string" || key.includes("\0") || !isUuid(id)) throw wrongCursor();
  return { key, id };
}
