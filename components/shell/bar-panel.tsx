"use client";

import { useRef, useState } from "react";

/**
 * A link of the top bar that opens its page's newest rows in place, and the page itself without JavaScript or
 * in a new tab. The browser's popover closes on Escape and on a click outside, and returns the focus.
 */
export function BarPanel(props: {
  readonly href: string;
  readonly className: string;
  /** The panel's own class, which anchors it to the link. */
  readonly panelClass: string;
  /** The name of the link, if it shows only an icon. */
  readonly label?: string;
  readonly current?: boolean;
  /** The content of the link. */
  readonly face: React.ReactNode;
  /** The name of the panel. */
  readonly panel: string;
  /** Loads the code of the panel when it is about to open. */
  readonly preload: () => unknown;
  /** The panel's content, rendered while it is open. */
  readonly children: (close: () => void) => React.ReactNode;
}) {
  const panel = useRef<HTMLDivElement>(null);
  const wasOpen = useRef(false);
  const [open, setOpen] = useState(false);
  const close = () => panel.current?.hidePopover();
  const preload = () => void props.preload();

  function onClick(event: React.MouseEvent) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    // A press outside the panel has already closed it.
    const closes = wasOpen.current || panel.current?.matches(":popover-open");
    wasOpen.current = false;
    if (closes) return close();
    panel.current?.showPopover();
    panel.current?.focus();
  }

  return (
    <>
      <a
        href={props.href}
        className={props.className}
        aria-label={props.label}
        aria-current={props.current ? "page" : undefined}
        aria-haspopup="dialog"
        aria-expanded={open}
        onPointerEnter={preload}
        onFocus={preload}
        onPointerDown={() => {
          wasOpen.current = panel.current?.matches(":popover-open") ?? false;
        }}
        onClick={onClick}
      >
        {props.face}
      </a>
      <div
        ref={panel}
        popover="auto"
        role="dialog"
        aria-label={props.panel}
        tabIndex={-1}
        className={`bar-panel ${props.panelClass}`}
        onToggle={(event) => setOpen(event.newState === "open")}
      >
        {open ? props.children(close) : null}
      </div>
    </>
  );
}
