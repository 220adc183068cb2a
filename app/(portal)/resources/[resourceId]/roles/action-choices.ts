import type { Choice } from "@/components/assignments/multi-select";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Database } from "@/lib/platform/database";
import { actionsInUse } from "@/lib/queries/roles/actions-in-use";

/** Actions of other roles at a resource, to be used in a custom one. An id is the field's name and the action. */
export async function actionChoices(
  database: Database,
  resourceId: string,
  search: string,
): Promise<Choice[]> {
  const found = await actionsInUse(database, resourceId, search);
  return found.map(({ action, data }) => ({
    id: `${data ? "dataActions" : "actions"} ${action}`,
    label: data ? `${isolated(action)} (data)` : isolated(action),
    principal: null,
  }));
}
