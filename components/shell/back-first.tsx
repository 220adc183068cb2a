"use client";

import { useEffect } from "react";
import { wentBack } from "@/lib/web/leaving";

/**
 * Receives Back and Forward before the router does, so that a page with unsaved changes can stay. A window
 * calls its listeners in the order of registration, and effects of what the router renders run before its own.
 */
export function BackFirst() {
  useEffect(() => {
    addEventListener("popstate", wentBack);
    return () => removeEventListener("popstate", wentBack);
  }, []);
  return null;
}
