import { maximumOpenNodes, type TreeNode, type TreePart } from "@/lib/domain/resources/resource-tree";
import { uuidAtEnd } from "@/lib/domain/text/uuid";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { pathBelow } from "@/lib/platform/sql/path-below";
import { readOnce } from "@/lib/platform/transaction";

/** How many children of one node are shown before **Show more**. */
export const treePageSize = 50;
/** One more, to see whether there are more. */
const aPart = Prisma.raw(String(treePageSize + 1));

interface ChildRow extends TreeNode {
  readonly parentId: string;
}

/**
 * The first children of each of some nodes, by node, in one statement. If the caller has a role at the
 * node or above it, all children count; otherwise only those on the way to where they have one. A node
 * that the caller may not know of is absent, like one that does not exist.
 */
export function childrenOf(
  database: Database,
  caller: Caller,
  nodeIds: readonly string[],
  after: string | null = null,
): Promise<ReadonlyMap<string, TreePart>> {
  const [name, id] = cursorOf(after);
  const nodes = [...nodeIds.slice(0, maximumOpenNodes)];
  // For a list the planner expects ten rows, and would plan again each time if there is one.
  const among = nodes.length === 1 ? Prisma.sql`${nodes[0]}::uuid` : Prisma.sql`ANY (${nodes}::uuid[])`;
  return readOnce(database, async (client) => {
    const rows = await client.$queryRaw<ChildRow[]>`
      ${planOnce} WITH reached AS MATERIALIZED (
        SELECT path, path_ids(path) AS ids FROM reached_paths(${caller.userId}::uuid, postern_now()) AS x (path)
      ), asked AS MATERIALIZED (
        SELECT n.id,
          EXISTS (SELECT FROM reached h WHERE n.path = h.path OR ${pathBelow("n.path", "h.path")}) AS whole,
          ARRAY(SELECT DISTINCT h.ids[cardinality(path_ids(n.path)) + 1] FROM reached h
            WHERE ${pathBelow("h.path", "n.path")}) AS way
        FROM resources n WHERE n.id = ${among}
      )
      SELECT a.id AS "parentId", c.id, c.display_name AS "displayName", c.resource_type AS "resourceType",
        lower(c.display_name) || ' ' || c.id AS key,
        EXISTS (SELECT FROM resources below WHERE below.parent_id = c.id) AS "hasChildren"
      FROM asked a CROSS JOIN LATERAL (
        (SELECT r.* FROM resources r WHERE a.whole AND r.parent_id = a.id
          AND (lower(r.display_name), r.id) > (${name}, ${id}::uuid)
          ORDER BY lower(r.display_name), r.id LIMIT ${aPart})
        UNION ALL
        (SELECT r.* FROM resources r WHERE NOT a.whole AND r.id = ANY (a.way)
          AND (lower(r.display_name), r.id) > (${name}, ${id}::uuid)
          ORDER BY lower(r.display_name), r.id LIMIT ${aPart})
      ) c
      ORDER BY a.id, lower(c.display_name), c.id
      LIMIT ${Prisma.raw(String(maximumOpenNodes * (treePageSize + 1)))}`;
    const parts = new Map<string, TreeNode[]>();
    for (const { parentId, ...node } of rows) {
      const part = parts.get(parentId);
      if (part) part.push(node);
      else parts.set(parentId, [node]);
    }
    return new Map(
      [...parts].map(([parentId, nodes]) => [
        parentId,
        { nodes: nodes.slice(0, treePageSize), more: nodes.length > treePageSize },
      ]),
    );
  });
}

/** A cursor of the tree and the list: the name in lower case, a space, the id. Anything else is the start. */
function cursorOf(text: string | null): [name: string, id: string] {
  const id = uuidAtEnd(text ?? "");
  return id !== undefined && text?.at(-id.length - 1) === " "
    ? [text.slice(0, -id.length - 1), id]
    : ["", "00000000-0000-0000-0000-000000000000"];
}

/**
 * The top of the tree, and the nodes that are open at first: the top and those on the way to where the
 * caller has a role.
 */
export function treeTop(
  database: Database,
  caller: Caller,
): Promise<{ root: TreeNode; open: readonly string[] } | null> {
  return readOnce(database, async (transaction) => {
    const rows = await transaction.$queryRaw<{ ids: string[] }[]>`
      SELECT path_ids(path) AS ids FROM reached_paths(${caller.userId}::uuid, postern_now()) AS x (path)
      ORDER BY length(path), path LIMIT ${maximumOpenNodes}`;
    const rootId = rows[0]?.ids[0];
    if (rootId === undefined) return null;
    const [root] = await transaction.$queryRaw<TreeNode[]>`
      SELECT id, display_name AS "displayName", resource_type AS "resourceType",
        lower(display_name) || ' ' || id AS key,
        EXISTS (SELECT FROM resources below WHERE below.parent_id = r.id) AS "hasChildren"
      FROM resources r WHERE id = ${rootId}::uuid`;
    const onTheWay = rows.flatMap(({ ids }) => ids.slice(0, -1));
    return root ? { root, open: [...new Set([root.id, ...onTheWay])].slice(0, maximumOpenNodes) } : null;
  });
}
