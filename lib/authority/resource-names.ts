import { sameNameKey } from "@/lib/domain/text/names";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Transaction } from "@/lib/platform/database";
import { nameKeys } from "@/lib/platform/sql/name-keys";

/** The name and type of a resource. */
interface NamedResource {
  readonly id: string;
  readonly scope: string;
  readonly displayName: string;
  readonly resourceType: string;
}

/** Why a path is not available: another resource has it, in any case and composition. Null if it is free. */
export async function takenScope(
  transaction: Transaction,
  scope: string,
  ownId: string | null,
): Promise<string | null> {
  const rows = await transaction.$queryRaw<NamedResource[]>`
    SELECT id, scope, display_name AS "displayName", resource_type AS "resourceType" FROM resources
    WHERE name_key(scope) = ANY (${nameKeys([scope])}) LIMIT 2`;
  const taken = rows.find(({ id }) => id !== ownId);
  return taken ? `${taken.scope} already exists. Its name is ${isolated(taken.displayName)}.` : null;
}

/** Why a name is not available below a resource: a resource of the same type beside it has it. Null if it is free. */
export async function twinBeside(
  transaction: Transaction,
  parentId: string,
  named: Pick<NamedResource, "displayName" | "resourceType">,
  ownId: string | null,
): Promise<string | null> {
  const beside = await transaction.$queryRaw<NamedResource[]>`
    SELECT id, scope, display_name AS "displayName", resource_type AS "resourceType" FROM resources
    WHERE parent_id = ${parentId}::uuid AND name_key(display_name) = ANY (${nameKeys([named.displayName])}) LIMIT 100`;
  const twin = beside.find(
    (each) => each.id !== ownId && sameNameKey(each.resourceType) === sameNameKey(named.resourceType),
  );
  return twin ? `There is already ${isolated(twin.displayName)} at the same place, as ${twin.scope}.` : null;
}
