"use client";

import { useRouter } from "next/navigation";
import { startTransition, useEffect } from "react";

/** The link that a click follows within the application. Null if the browser must follow it. */
function linkOf(event: MouseEvent): HTMLAnchorElement | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (!(link instanceof HTMLAnchorElement) || link.origin !== location.origin) return null;
  if (link.hasAttribute("download") || (link.target !== "" && link.target !== "_self")) return null;
  const samePage = link.pathname === location.pathname && link.search === location.search;
  return samePage && link.hash !== "" ? null : link;
}

/**
 * Opens the links of all pages in place. They are plain links, so that they work before this has run, and so
 * that no page sends code or data for them. Listens on the window, after the page's own click handlers.
 */
export function FollowLinks() {
  const router = useRouter();
  useEffect(() => {
    const follow = (event: MouseEvent) => {
      const link = linkOf(event);
      if (!link) return;
      event.preventDefault();
      const scroll = link.dataset.keepsScroll === undefined;
      startTransition(() => router.push(link.pathname + link.search + link.hash, { scroll }));
    };
    addEventListener("click", follow);
    return () => removeEventListener("click", follow);
  }, [router]);
  return null;
}
