"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

/**
 * Asks for a page anew when Back or Forward shows it: the browser and the router keep pages from when more was allowed,
 * or from before signing out. A page that the browser kept whole is hidden until it is there again.
 */
export function RefreshOnBack() {
  const router = useRouter();
  useEffect(() => {
    const shownAgain = ({ persisted }: PageTransitionEvent) => {
      if (!persisted) return;
      document.documentElement.style.visibility = "hidden";
      location.reload();
    };
    // After the router, which shows what it kept and forgets what was asked before that.
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
