"use server";

import { z } from "zod";
import type { TreePart } from "@/lib/domain/resource-tree";
import { currentCaller } from "@/lib/identity/request";
import { application } from "@/lib/platform/application";
import { childrenOf } from "@/lib/queries/resource-tree";

const request = z.object({ nodeId: z.uuid(), after: z.string().max(1000).nullable() });

/** The children of a node that is being opened, or those after the last shown; null when it cannot be told. */
export async function readChildren(nodeId: string, after: string | null): Promise<TreePart | null> {
  const caller = await currentCaller();
  const asked = request.safeParse({ nodeId, after: after?.replaceAll("\0", "") ?? null });
  if (!caller || !asked.success) return null;
  const parts = await childrenOf(
    application().database,
    caller,
    [asked.data.nodeId.toLowerCase()],
    asked.data.after,
  );
  return parts.get(asked.data.nodeId.toLowerCase()) ?? { nodes: [], more: false };
}
