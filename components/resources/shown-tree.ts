import { iconOfType } from "@/components/resources/resource-icon";
import type { IconName } from "@/components/ui/icon-names";
import type { OwnTypes } from "@/lib/domain/resources/own-type";
import type { TreeNode, TreePart } from "@/lib/domain/resources/resource-tree";
import { resourceTypeInWords } from "@/lib/domain/resources/resource-type";

/** A node with its type in words, so that the browser does not load the words of all types. */
export interface ShownNode extends Omit<TreeNode, "resourceType"> {
  readonly type: string;
  readonly icon: IconName;
}

export interface ShownPart {
  readonly nodes: readonly ShownNode[];
  readonly more: boolean;
}

export function shownNode({ resourceType, ...node }: TreeNode, types: OwnTypes): ShownNode {
  return { ...node, type: resourceTypeInWords(resourceType, types), icon: iconOfType(resourceType, types) };
}

export function shownPart({ nodes, more }: TreePart, types: OwnTypes): ShownPart {
  return { nodes: nodes.map((node) => shownNode(node, types)), more };
}
