import type { Choice } from "@/components/assignments/multi-select";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Database } from "@/lib/platform/database";
import { readDirectSettings } from "@/lib/queries/roles/direct-settings";
import { listRoles } from "@/lib/queries/roles/role-list";

/** As many roles as a search shows. */
const most = 20;

/**
 * Roles to choose from at a resource, the best match first, with the rules that judge a direct assignment of each
 * there.
 */
export async function rolesToAssign(
  database: Database,
  resourceId: string,
  filter: { readonly search: string; readonly used: boolean },
): Promise<Choice[]> {
  const { rows } = await listRoles(database, resourceId, { ...filter, after: "" });
  const roles = rows.slice(0, most);
  const rules = await readDirectSettings(
    database,
    roles.map(({ id }) => ({ roleDefinitionId: id, resourceId })),
  );
  return roles.map(({ id, roleName }, index) => ({
    id,
    label: isolated(roleName),
    principal: null,
    rules: rules[index],
  }));
}
