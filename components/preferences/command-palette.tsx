"use client";

import { Suspense, useEffect, useRef, useState } from "react";
import type { PalettePage } from "@/components/preferences/palette-dialog";
import { Icon } from "@/components/ui/icon";
import { later } from "@/components/ui/later";
import { longestSearch } from "@/lib/domain/text/limits";

declare global {
  interface Window {
    /** What was typed after the palette was opened and before the page was ready. Null once the page handles keys. */
    paletteAsked?: string | null;
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
  /** The keys that open it on the reader's system. The server knows them, so that nothing shifts. */
  keys: string;
}) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const close = () => {
    setOpen(false);
    setTyped("");
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      setTyped("");
      setOpen((before) => !before);
    };
    const onOpen = () => setOpen(true);
    document.addEventListener("keydown", onKey);
    document.addEventListener("postern:palette", onOpen);
    const { paletteAsked } = window;
    if (typeof paletteAsked === "string") {
      setTyped(paletteAsked);
      setOpen(true);
    }
    window.paletteAsked = null;
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("postern:palette", onOpen);
    };
  }, []);
  useEffect(() => {
    if (!open) return;
    // What is typed before the field exists or has the focus is kept.
    const onLetter = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
      if (document.activeElement?.closest(".palette")) return;
      event.preventDefault();
      setTyped((before) => before + event.key);
    };
    document.addEventListener("keydown", onLetter, true);
    return () => document.removeEventListener("keydown", onLetter, true);
  }, [open]);
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
        <Suspense fallback={<EarlyField typed={typed} onType={setTyped} onClose={close} />}>
          <PaletteDialog pages={pages} typed={typed} onType={setTyped} onClose={close} />
        </Suspense>
      ) : null}
    </>
  );
}

/** The field of the palette while the rest of it is loading. */
function EarlyField(props: { typed: string; onType: (typed: string) => void; onClose: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <div role="dialog" aria-label="Search" className="palette">
      <input
        ref={field}
        className="palette-input w-full"
        aria-label="Search"
        placeholder="Search, or “activate …”"
        maxLength={longestSearch}
        value={props.typed}
        onChange={(event) => props.onType(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") props.onClose();
        }}
      />
    </div>
  );
}
