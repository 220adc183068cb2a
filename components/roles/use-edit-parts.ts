"use client";

import { useCallback, useEffect, useRef, useState } from "react";

type EditParts = typeof import("@/components/roles/edit-parts");

/**
 * The code that judges an edit of role settings; null until it is loaded. It comes when the element of `near` is pointed at or
 * has the focus, or when `comeNear` is called. If loading fails, the next call tries again.
 */
export function useEditParts() {
  const [parts, setParts] = useState<EditParts | null>(null);
  const near = useRef<HTMLDivElement>(null);
  const comeNear = useCallback(() => {
    import("@/components/roles/edit-parts").then(setParts).catch(() => undefined);
  }, []);
  useEffect(() => {
    const { current } = near;
    const signs = ["pointerenter", "focusin"];
    for (const sign of signs) current?.addEventListener(sign, comeNear, { once: true });
    return () => {
      for (const sign of signs) current?.removeEventListener(sign, comeNear);
    };
  }, [comeNear]);
  return { parts, near, comeNear };
}
