import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { readOnce } from "@/lib/platform/transaction";
import { bestFirst, everyWord } from "@/lib/queries/name-rank";

/** As many actions as are suggested at once. */
export const mostActions = 12;

/** An action that a role already allows, to be used in another role. */
export interface ActionInUse {
  readonly action: string;
  /** Whether it is about the data inside a resource. */
  readonly data: boolean;
}

/**
 * Actions and data actions of the roles that can be assigned at a resource, each once, however roles
 * spell it. For a search, the best match comes first, and among equal matches those of the
 * organisation's own types. Without a search, only the latter.
 */
export function actionsInUse(database: Database, resourceId: string, search: string): Promise<ActionInUse[]> {
  const own = Prisma.sql`EXISTS (SELECT FROM own_resource_types t
    WHERE t.segment = lower(split_part(a.action, '/', 1)))`;
  return readOnce(
    database,
    (transaction) => transaction.$queryRaw<ActionInUse[]>`
      SELECT a.action, a.data FROM (
        SELECT DISTINCT ON (lower(x.action), x.data) x.action, x.data
        FROM role_definitions d, jsonb_array_elements(d.permissions) AS p (permission), LATERAL (
          SELECT jsonb_array_elements_text(p.permission -> 'actions') AS action, FALSE AS data
          UNION ALL SELECT jsonb_array_elements_text(p.permission -> 'dataActions'), TRUE) x
        WHERE d.deleted_at IS NULL AND ${everyWord(Prisma.sql`x.action`, search)}
          AND ('/' = ANY (d.assignable_scopes) OR EXISTS (
            SELECT FROM resources here JOIN resources above ON above.id = ANY (path_ids(here.path))
            JOIN unnest(d.assignable_scopes) AS assignable (scope) ON lower(assignable.scope) = lower(above.scope)
            WHERE here.id = ${resourceId}::uuid))
        ORDER BY lower(x.action), x.data, x.action COLLATE "C") a
      WHERE ${search === "" ? own : Prisma.sql`TRUE`}
      ORDER BY ${bestFirst(Prisma.sql`a.action`, search, own)} || lower(a.action), a.data LIMIT ${mostActions}`,
  );
}
