"use client";

import { useEffect, useState } from "react";
import { onFirstToast } from "@/components/ui/toast";
import type Toasts from "@/components/ui/toasts";

const soonMilliseconds = 1_000;

/**
 * Where toasts appear. It is created soon after the page is ready, so that screen readers know it before
 * anything is announced there.
 */
export function ToastPlace({ theme }: React.ComponentProps<typeof Toasts>) {
  const [Place, setPlace] = useState<typeof Toasts | null>(null);
  useEffect(() => {
    const fetchPlace = () => {
      // If the code does not arrive, it is requested again at the next toast.
      import("@/components/ui/toasts")
        .then((module) => setPlace(() => module.default))
        .catch(() => undefined);
    };
    onFirstToast(fetchPlace);
    const timer = setTimeout(fetchPlace, soonMilliseconds);
    return () => clearTimeout(timer);
  }, []);
  return Place ? <Place theme={theme} /> : null;
}
