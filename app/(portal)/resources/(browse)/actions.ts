"use server";

import { z } from "zod";
import { type ShownPart, shownPart } from "@/components/resources/shown-tree";
import { ownTypes } from "@/lib/queries/resources/own-types";
import { childrenOf } from "@/lib/queries/resources/resource-tree";
import { lookup } from "@/lib/web/actions/lookup";
import { withoutNul } from "@/lib/web/form-fields";

/** The children of a node, or those after the last one shown. Null if they cannot be shown. */
export const readChildren = lookup({
  shapes: z.tuple([z.uuid().toLowerCase(), z.string().max(1000).transform(withoutNul).nullable()]),
  none: null,
  async find({ caller, database }, nodeId, after): Promise<ShownPart | null> {
    const [parts, types] = await Promise.all([
      childrenOf(database, caller, [nodeId], after),
      ownTypes(database, caller),
    ]);
    return shownPart(parts.get(nodeId) ?? { nodes: [], more: false }, types);
  },
});
