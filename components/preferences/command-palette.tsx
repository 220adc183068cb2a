"use client";

import { Suspense, useEffect, useState } from "react";
import type { PalettePage } from "@/components/preferences/palette-dialog";
import { Icon } from "@/components/ui/icon";
import { later } from "@/components/ui/later";

declare global {
  interface Window {
    /** True when the palette was opened before the page was ready; null once the page listens. */
    paletteAsked?: boolean | null;
  }
}

const PaletteDialog = later(() =>
  import("@/components/preferences/palette-dialog").then((module) => module.default),
);

/** Opens the command palette by its button or by Ctrl or Cmd K. Its code is loaded at the first use. */
export function CommandPalette({
  pages,
  keys,
}: {
  pages: readonly PalettePage[];
  /** The keys that open it on the reader's system, known to the server, so that nothing shifts. */
  keys: string;
}) {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      setOpen((before) => !before);
    };
    const onOpen = () => setOpen(true);
    document.addEventListener("keydown", onKey);
    document.addEventListener("postern:palette", onOpen);
    if (window.paletteAsked) setOpen(true);
    window.paletteAsked = null;
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("postern:palette", onOpen);
    };
  }, []);
  return (
    <>
      <button
        type="button"
        className="button palette-button"
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K Meta+K"
        onPointerEnter={PaletteDialog.comeNear}
        onFocus={PaletteDialog.comeNear}
        onClick={() => setOpen(true)}
      >
        <Icon name="search" size={16} />
        <span className="sr-only grow text-left font-normal text-muted md:not-sr-only">
          Search or activate…
        </span>
        <kbd aria-hidden data-drawn={keys} className="hidden md:inline" />
      </button>
      {open ? (
        <Suspense>
          <PaletteDialog pages={pages} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
