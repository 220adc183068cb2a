import { isUuid } from "@/lib/domain/text/uuid";

/** A node of the resource tree on the page. */
export interface TreeNode {
  readonly id: string;
  readonly displayName: string;
  readonly resourceType: string;
  readonly hasChildren: boolean;
  /** Where **Show more** continues after this node. */
  readonly key: string;
}

/** Some children of a node. `more` says whether others follow. */
export interface TreePart {
  readonly nodes: readonly TreeNode[];
  readonly more: boolean;
}

/** How many nodes of the tree can be open. */
export const maximumOpenNodes = 40;

/** The open nodes in an address: ids joined by dots. Anything else is left out. */
export function openNodes(text: string): string[] {
  const ids = text.toLowerCase().split(".").filter(isUuid);
  return [...new Set(ids)].slice(0, maximumOpenNodes);
}
