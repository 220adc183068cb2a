"use client";

import { usePathname, useRouter } from "next/navigation";
import { useEffect } from "react";

const pauseMilliseconds = 5_000;
let last = { pathname: "", at: Number.NEGATIVE_INFINITY };

/** Has what stands around a refused page drawn anew, once: the browser may keep it from when more was allowed. */
export function RefreshOnce() {
  const router = useRouter();
  const pathname = usePathname();
  useEffect(() => {
    const now = performance.now();
    if (last.pathname === pathname && now - last.at < pauseMilliseconds) return;
    last = { pathname, at: now };
    router.refresh();
  }, [router, pathname]);
  return null;
}
