"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** Tells the server the reader's time zone, once, so that it can write times in it. */
export function TimeZoneCookie() {
  const router = useRouter();
  useEffect(() => {
    const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone);
    if (document.cookie.includes(`postern-tz=${zone}`)) return;
    // biome suggests the Cookie Store API, which not every browser that people use has.
    const cookie = `postern-tz=${zone}; path=/; max-age=31536000; samesite=lax`;
    Reflect.set(document, "cookie", cookie);
    router.refresh();
  }, [router]);
  return null;
}
