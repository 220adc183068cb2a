import { may, rootResource } from "@/lib/authority/authority";
import { mostTypes, type OwnType, type OwnTypes, typeIcon } from "@/lib/domain/resources/own-type";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller, Reader } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { readOnce } from "@/lib/platform/transaction";

/**
 * The organisation's types, for everyone who is signed in, since their names and icons are shown wherever a resource
 * is.
 */
export function ownTypes(database: Database, _reader: Reader): Promise<OwnTypes> {
  return readOnce(database, async (transaction) => {
    const types = await transaction.ownResourceType.findMany({ take: mostTypes });
    return Object.fromEntries(
      types.map(({ segment, displayName, icon }) => [segment, { displayName, icon: typeIcon(icon) }]),
    );
  });
}

/** Up to how many resources of a type are counted. */
export const mostOfType = 1_000;

export interface TypeRow extends OwnType {
  readonly version: number;
  /** How many resources have it, at most `mostOfType`. */
  readonly used: number;
}

/** The types with how much they are used, by name. Null for callers who may not write resources at the root. */
export function typesToManage(database: Database, caller: Caller): Promise<readonly TypeRow[] | null> {
  return readOnce(database, async (transaction) => {
    const root = await rootResource(transaction);
    if (!(await may(transaction, caller.userId, action.writeResources, root.id))) return null;
    const rows = await transaction.$queryRaw<(Omit<TypeRow, "icon"> & { icon: string })[]>`
      SELECT t.segment, t.display_name AS "displayName", t.icon, t.version,
        (SELECT count(*)::int FROM (
          SELECT FROM resources r WHERE r.resource_type = t.segment LIMIT ${mostOfType}) few) AS used
      FROM own_resource_types t ORDER BY lower(t.display_name), t.segment LIMIT ${mostTypes}`;
    return rows.map((row) => ({ ...row, icon: typeIcon(row.icon) }));
  });
}

/** The root, for callers who may add resources there. Null for anybody else. */
export function rootToAddTo(database: Database, caller: Caller): Promise<{ readonly rootId: string } | null> {
  return readOnce(database, async (transaction) => {
    const root = await rootResource(transaction);
    return (await may(transaction, caller.userId, action.writeResources, root.id))
      ? { rootId: root.id }
      : null;
  });
}
