"use client";

import { useEffect } from "react";
import { wentBack } from "@/lib/web/leaving";

/**
 * Hears of Back and Forward before the router, so that a page with unsaved changes can stay. A window calls its
 * listeners in the order in which they came, and effects of what the router draws run before its own.
 */
export function BackFirst() {
  useEffect(() => {
    addEventListener("popstate", wentBack);
    return () => removeEventListener("popstate", wentBack);
  }, []);
  return null;
}
