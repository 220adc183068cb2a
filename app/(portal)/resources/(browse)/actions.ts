"use server";

import { z } from "zod";
import type { TreePart } from "@/lib/domain/resources/resource-tree";
import { application } from "@/lib/platform/application";
import { childrenOf } from "@/lib/queries/resources/resource-tree";
import { currentCaller } from "@/lib/web/request";

const shape = z.object({
  nodeId: z.uuid().toLowerCase(),
  after: z
    .string()
    .max(1000)
    .transform((value) => value.replaceAll("\0", ""))
    .nullable(),
});

/** The children of a node that is being opened, or those after the last shown; null when it cannot be told. */
export async function readChildren(nodeId: string, after: string | null): Promise<TreePart | null> {
  const caller = await currentCaller();
  const asked = shape.safeParse({ nodeId, after });
  if (!caller || !asked.success) return null;
  const parts = await childrenOf(application().database, caller, [asked.data.nodeId], asked.data.after);
  return parts.get(asked.data.nodeId) ?? { nodes: [], more: false };
}
