import { badRequest } from "@/lib/domain/directories/scim-fault";
import type { Comparison, Filter, FilterValue } from "@/lib/domain/directories/scim-filter";
import type { ResourceType } from "@/lib/domain/directories/scim-resource";
import { addressOrText } from "@/lib/domain/people/mail-address";
import { literally } from "@/lib/domain/search/like-pattern";
import { isUuid } from "@/lib/domain/text/uuid";
import { Prisma } from "@/lib/platform/generated/client";

/** How an attribute is stored: as text that is compared regardless of case, a boolean, a time, or an id. */
type Column =
  | { readonly kind: "text"; readonly sql: Prisma.Sql; readonly key?: Prisma.Sql }
  | { readonly kind: "truth" | "time" | "id"; readonly sql: Prisma.Sql };

const names = (part: string) => Prisma.sql`p.directory_names ->> ${part}`;
const email: Column = { kind: "text", sql: Prisma.sql`p.email`, key: Prisma.sql`name_key(p.email)` };
/**
 * A time with the precision of answers, so that a client that asks for changes after a time from an
 * answer does not get the same ones again.
 */
const shownTime = (time: Prisma.Sql) => Prisma.sql`date_trunc('milliseconds', ${time})`;
const common: Readonly<Record<string, Column>> = {
  id: { kind: "id", sql: Prisma.sql`p.id` },
  externalid: {
    kind: "text",
    sql: Prisma.sql`p.external_id`,
    key: Prisma.sql`name_key(p.external_id)`,
  },
  displayname: { kind: "text", sql: Prisma.sql`p.display_name` },
  "meta.created": { kind: "time", sql: shownTime(Prisma.sql`p.created_at`) },
  "meta.lastmodified": { kind: "time", sql: shownTime(Prisma.sql`coalesce(p.modified_at, p.created_at)`) },
};
const columns: Readonly<Record<ResourceType, Readonly<Record<string, Column>>>> = {
  User: {
    ...common,
    username: email,
    emails: email,
    "emails.value": email,
    "name.formatted": { kind: "text", sql: names("formatted") },
    "name.givenname": { kind: "text", sql: names("givenName") },
    "name.familyname": { kind: "text", sql: names("familyName") },
    active: { kind: "truth", sql: Prisma.sql`(p.disabled_at IS NULL)` },
  },
  Group: {
    ...common,
    displayname: {
      kind: "text",
      sql: Prisma.sql`p.display_name`,
      key: Prisma.sql`name_key(p.display_name)`,
    },
  },
};

function columnOf(type: ResourceType, path: string): Column {
  const column = Object.hasOwn(columns[type], path) ? columns[type][path] : undefined;
  if (column === undefined)
    throw badRequest("invalidFilter", "The filter names an attribute that cannot be filtered by.");
  return column;
}

/** What a list is sorted by, as text; the id if nothing is requested. */
export function sortColumn(type: ResourceType, sortBy: string | null): Prisma.Sql | null {
  if (sortBy === null || sortBy === "id") return null;
  const column = columnOf(type, sortBy);
  if (column.kind === "text") return Prisma.sql`lower(coalesce(${column.sql}, ''))`;
  return column.kind === "truth"
    ? Prisma.sql`(${column.sql})::text`
    : Prisma.sql`to_char(${column.sql} AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS')`;
}

/** A filter as a condition on the principal `p`. */
export function filterCondition(type: ResourceType, filter: Filter): Prisma.Sql {
  switch (filter.op) {
    case "and":
    case "or": {
      const parts = filter.filters.map((each) => filterCondition(type, each));
      return Prisma.sql`(${Prisma.join(parts, filter.op === "and" ? " AND " : " OR ")})`;
    }
    case "not":
      return Prisma.sql`(NOT coalesce(${filterCondition(type, filter.filter)}, FALSE))`;
    case "has":
      return valueFilter(type, filter.path, filter.filter);
    case "pr": {
      if (type === "Group" && filter.path === "members")
        return Prisma.sql`EXISTS (SELECT FROM group_members m WHERE m.group_id = p.id)`;
      return Prisma.sql`(${columnOf(type, filter.path).sql} IS NOT NULL)`;
    }
    default:
      return compared(type, filter.path, filter.op, filter.value);
  }
}

/** Among attributes with several values, only a group's members and a user's one work address can be filtered by. */
function valueFilter(type: ResourceType, path: string, filter: Filter): Prisma.Sql {
  if (type === "Group" && path === "members" && filter.op === "eq" && filter.path === "value")
    return compared(type, "members", "eq", filter.value);
  if (type === "User" && path === "emails") {
    switch (filter.op) {
      case "and":
        return Prisma.sql`(${Prisma.join(
          filter.filters.map((each) => valueFilter(type, path, each)),
          " AND ",
        )})`;
      case "eq":
        if (filter.path === "type") return Prisma.sql`${String(filter.value).toLowerCase() === "work"}`;
        if (filter.path === "primary") return Prisma.sql`${filter.value === true}`;
        if (filter.path === "value") return compared(type, "emails", "eq", filter.value);
    }
  }
  throw badRequest("invalidFilter", "The filter names values that cannot be filtered by.");
}

function compared(type: ResourceType, path: string, op: Comparison, value: FilterValue): Prisma.Sql {
  if (type === "Group" && (path === "members" || path === "members.value")) {
    if (op !== "eq" || typeof value !== "string")
      throw badRequest("invalidFilter", "Members are filtered by “eq” and an id.");
    const id = value.toLowerCase();
    if (!isUuid(id)) return Prisma.sql`FALSE`;
    return Prisma.sql`EXISTS (SELECT FROM group_members m WHERE m.group_id = p.id AND m.member_id = ${id}::uuid)`;
  }
  const column = columnOf(type, path);
  if (value === null) {
    if (op === "eq") return Prisma.sql`(${column.sql} IS NULL)`;
    if (op === "ne") return Prisma.sql`(${column.sql} IS NOT NULL)`;
    throw badRequest("invalidFilter", "“null” is compared by eq and ne alone.");
  }
  switch (column.kind) {
    case "truth":
      return truth(column.sql, op, value);
    case "time":
      return time(column.sql, op, value);
    case "id":
      return id(column.sql, op, value);
    case "text":
      return text(column, op, value);
  }
}

function truth(sql: Prisma.Sql, op: Comparison, value: FilterValue): Prisma.Sql {
  const wanted = typeof value === "string" ? value.toLowerCase() : String(value);
  if ((op !== "eq" && op !== "ne") || (wanted !== "true" && wanted !== "false"))
    throw badRequest("invalidFilter", "“active” is compared by eq and ne, with true or false.");
  return (op === "eq") === (wanted === "true") ? sql : Prisma.sql`(NOT ${sql})`;
}

const orders = { gt: ">", ge: ">=", lt: "<", le: "<=" } as const;

function time(sql: Prisma.Sql, op: Comparison, value: FilterValue): Prisma.Sql {
  const at = new Date(typeof value === "string" ? value : Number.NaN);
  const year = at.getUTCFullYear();
  if (!(year >= 1 && year <= 9_999)) throw badRequest("invalidFilter", "A time must be written in ISO 8601.");
  const signs = { eq: "=", ne: "<>", ...orders } as const;
  if (!(op in signs)) throw badRequest("invalidFilter", "A time is compared by eq, ne, gt, ge, lt and le.");
  return Prisma.sql`(${sql} ${Prisma.raw(signs[op as keyof typeof signs])} ${at})`;
}

function id(sql: Prisma.Sql, op: Comparison, value: FilterValue): Prisma.Sql {
  const wanted = String(value).toLowerCase();
  if (op !== "eq" && op !== "ne") throw badRequest("invalidFilter", "An id is compared by eq and ne.");
  if (!isUuid(wanted)) return op === "eq" ? Prisma.sql`FALSE` : Prisma.sql`TRUE`;
  return op === "eq" ? Prisma.sql`(${sql} = ${wanted}::uuid)` : Prisma.sql`(${sql} <> ${wanted}::uuid)`;
}

function text(column: Extract<Column, { kind: "text" }>, op: Comparison, value: FilterValue): Prisma.Sql {
  if (typeof value !== "string" || value.includes("\0"))
    throw badRequest("invalidFilter", "This attribute is compared with a text.");
  const { sql, key } = column;
  const wanted = value.normalize("NFC");
  switch (op) {
    case "eq":
      // The key has an index, and decides who has a name here (docs/rules.md, rule 12).
      return key
        ? Prisma.sql`(${key} = name_key(${addressOrText(value)}))`
        : Prisma.sql`(lower(${sql}) = lower(${wanted}))`;
    case "ne":
      return Prisma.sql`(lower(${sql}) IS DISTINCT FROM lower(${wanted}))`;
    case "co":
      return Prisma.sql`(${sql} ILIKE ${`%${literally(wanted)}%`})`;
    case "sw":
      return Prisma.sql`(${sql} ILIKE ${`${literally(wanted)}%`})`;
    case "ew":
      return Prisma.sql`(${sql} ILIKE ${`%${literally(wanted)}`})`;
    default:
      return Prisma.sql`(lower(${sql}) ${Prisma.raw(orders[op])} lower(${wanted}))`;
  }
}
