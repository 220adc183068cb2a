"use client";

import { useEffect, useRef, useState } from "react";

/**
 * The region of a table. If the table is too wide, it scrolls sideways and can then be reached by keyboard. If
 * the table fits, it does not scroll, so that the head of the table stays in sight while the page scrolls.
 */
export function TableScroller({ label, children }: { label: string; children: React.ReactNode }) {
  const region = useRef<HTMLElement>(null);
  const [fits, setFits] = useState(false);
  useEffect(() => {
    const box = region.current;
    const table = box?.firstElementChild;
    if (!box || !table) return;
    const watch = new ResizeObserver(() => setFits(table.scrollWidth <= box.clientWidth));
    watch.observe(box);
    watch.observe(table);
    return () => watch.disconnect();
  }, []);
  return (
    <section
      ref={region}
      aria-label={label}
      tabIndex={fits ? undefined : 0}
      data-fits={fits || undefined}
      className="table-region"
    >
      {children}
    </section>
  );
}
