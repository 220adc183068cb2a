"use client";

import { usePathname } from "next/navigation";
import { insideResource } from "@/components/shell/frame";
import { PaneLinks, usePaneClicks } from "@/components/shell/pane-links";
import { pagesFor, type RootRights } from "@/components/shell/portal-pages";

/**
 * The portal's pages: the left pane. Inside a resource it folds to icons beside the resource's pane. On narrow screens
 * it is a drawer that the top bar opens.
 */
export function MainPane({ rights, waiting }: { rights: RootRights; waiting: string }) {
  const clicks = usePaneClicks();
  const folded = insideResource(usePathname());
  const items = pagesFor(rights).map((page) => (page.href === "/approvals" ? { ...page, waiting } : page));
  return (
    <nav id="main-pane" popover="auto" aria-label="Main" className="pane main-pane">
      <PaneLinks items={items} clicks={clicks} tips={folded} />
    </nav>
  );
}
