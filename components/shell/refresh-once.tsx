"use client";

import { usePathname, useRouter } from "next/navigation";
import { useEffect } from "react";

const pauseMilliseconds = 5_000;
let last = { pathname: "", at: Number.NEGATIVE_INFINITY };

/** Refreshes the layout around a refused page once, since the browser may have cached it with other rights. */
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
