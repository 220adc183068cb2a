"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** Sends the reader's time zone to the server once, so that it can format times. */
export function TimeZoneCookie() {
  const router = useRouter();
  useEffect(() => {
    const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone);
    if (document.cookie.includes(`postern-tz=${zone}`)) return;
    // Biome suggests the Cookie Store API, which some browsers do not have.
    const cookie = `postern-tz=${zone}; path=/; max-age=31536000; samesite=lax`;
    Reflect.set(document, "cookie", cookie);
    router.refresh();
  }, [router]);
  return null;
}
