import { badRequest } from "@/lib/domain/directories/scim-fault";
import { attributePath, type Filter, parseFilter } from "@/lib/domain/directories/scim-filter";
import { isUuid } from "@/lib/domain/text/uuid";

/** How many resources a page has by default, and at most. */
export const defaultPage = 100;
export const largestPage = 200;

/** Where a page begins: at an index from 1, or after the place that a cursor names (RFC 9865). */
export type PageStart =
  | { readonly by: "index"; readonly startIndex: number }
  | { readonly by: "cursor"; readonly after: Cursor | null };

/** The sort values of the last resource of the previous page. */
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
  const number = typeof value === "string" && /^[+-]?\d+$/.test(value.trim()) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number))
    throw badRequest("invalidValue", `“${name}” must be a whole number.`);
  return number;
}

/** A text parameter of a list; null if it is missing, null or empty. */
function textIn(
  asked: ReadonlyMap<string, unknown>,
  name: string,
  scimType: "invalidFilter" | "invalidValue",
): string | null {
  const value = asked.get(name) ?? "";
  if (typeof value !== "string") throw badRequest(scimType, `“${name}” must be a text.`);
  return value.trim() === "" ? null : value;
}

/**
 * The parameters of a list, by names in lower case: those of an address, or the body of `.search`. A
 * count below zero means none, and a start below one means one (RFC 7644, table 6).
 */
export function listQuery(asked: ReadonlyMap<string, unknown>): ListQuery {
  // If the filter cannot be read, the answer must not list everybody.
  const filter = textIn(asked, "filter", "invalidFilter");
  const sortBy = textIn(asked, "sortby", "invalidValue");
  const order = textIn(asked, "sortorder", "invalidValue");
  if (order !== null && !/^(a|de)scending$/i.test(order))
    throw badRequest("invalidValue", "“sortOrder” must be ascending or descending.");
  const cursor = asked.get("cursor");
  const count = wholeNumber(asked.get("count"), "count") ?? defaultPage;
  const startIndex = wholeNumber(asked.get("startindex"), "startIndex") ?? 1;
  return {
    filter: filter === null ? null : parseFilter(filter),
    sortBy: sortBy === null ? null : attributePath(sortBy),
    descending: order?.toLowerCase() === "descending",
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
