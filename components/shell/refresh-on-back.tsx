"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

/**
 * Reloads a page that Back or Forward shows, since the browser and the router keep pages from before rights
 * changed or the person signed out. A page that the browser kept whole is hidden until it is reloaded.
 */
export function RefreshOnBack() {
  const router = useRouter();
  useEffect(() => {
    const shownAgain = ({ persisted }: PageTransitionEvent) => {
      if (!persisted) return;
      document.documentElement.style.visibility = "hidden";
      location.reload();
    };
    // Runs after the router, which shows its cached page and drops earlier refreshes.
    const wentBack = () => setTimeout(() => router.refresh());
    addEventListener("pageshow", shownAgain);
    addEventListener("popstate", wentBack);
    return () => {
      removeEventListener("pageshow", shownAgain);
      removeEventListener("popstate", wentBack);
    };
  }, [router]);
  return null;
}
