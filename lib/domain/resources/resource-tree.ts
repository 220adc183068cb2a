/** A node of the tree as the page shows it. */
export interface TreeNode {
  readonly id: string;
  readonly displayName: string;
  readonly resourceType: string;
  readonly hasChildren: boolean;
  /** Where **Show more** goes on after this node. */
  readonly key: string;
}

/** Some children of a node; `more` when others follow the last of them. */
export interface TreePart {
  readonly nodes: readonly TreeNode[];
  readonly more: boolean;
}

/** So many nodes of the tree are kept open at the most. */
export const maximumOpenNodes = 40;

/** The open nodes as the address keeps them: ids joined by dots. What is no id is left out. */
export function openNodes(text: string): string[] {
  const ids = text.split(".").filter((id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id));
  return [...new Set(ids)].slice(0, maximumOpenNodes);
}
