/** What a key does to the node: open or close it, or follow its link. */
export type TreeStep = "toggle" | "open" | null;

/**
 * Moves the focus of a tree by the keys of the ARIA Authoring Practices, and returns what the caller must still
 * do. The nodes are the tree's elements in page order. Closed nodes have no elements.
 */
export function moveInTree(event: React.KeyboardEvent<HTMLElement>, tree: HTMLElement | null): TreeStep {
  if (event.altKey || event.ctrlKey || event.metaKey || !tree) return null;
  const here = event.currentTarget;
  const all = [...tree.querySelectorAll<HTMLElement>("[role=treeitem]")];
  const at = all.indexOf(here);
  const focus = (element: HTMLElement | null | undefined): null => {
    element?.focus();
    return null;
  };
  const levelOf = (element: Element) => Number(element.getAttribute("aria-level"));
  const parent = () => all.slice(0, at).findLast((each) => levelOf(each) < levelOf(here));
  const expanded = here.getAttribute("aria-expanded");
  const step = (() => {
    switch (event.key) {
      case "ArrowDown":
        return focus(all[at + 1]);
      case "ArrowUp":
        return focus(all[at - 1]);
      case "Home":
        return focus(all[0]);
      case "End":
        return focus(all.at(-1));
      case "ArrowRight":
        return expanded === "false" ? "toggle" : expanded === "true" ? focus(all[at + 1]) : null;
      case "ArrowLeft":
        return expanded === "true" ? "toggle" : focus(parent());
      case " ":
        return expanded === null ? "open" : "toggle";
      case "Enter":
        here.querySelector<HTMLAnchorElement>(":scope > .tree-row[href], :scope > .tree-row a")?.click();
        return "open";
      default:
        return undefined;
    }
  })();
  if (step !== undefined) {
    event.preventDefault();
    event.stopPropagation();
    return step;
  }
  if (event.key.length === 1) {
    const starts = (item: HTMLElement) =>
      item.querySelector(".tree-row a")?.textContent?.toLowerCase().startsWith(event.key.toLowerCase());
    focus([...all.slice(at + 1), ...all.slice(0, at)].find(starts));
  }
  return null;
}
