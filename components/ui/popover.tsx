"use client";

import { useEffect, useId, useRef } from "react";

/**
 * A button that opens a small panel beside it. The browser's popover opens it before scripts load, closes it on
 * Escape and on a click outside, and returns the focus. A choice in the panel (`a`, or a button) closes it too.
 */
export function Popover(props: {
  /** The content of the button. */
  readonly face: React.ReactNode;
  /** The name of the button, if it shows only an icon. */
  readonly label?: string;
  readonly className: string;
  /** The name of the panel. */
  readonly panel: string;
  readonly children: React.ReactNode;
}) {
  const id = useId();
  const panel = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const { current } = panel;
    const closeOnChoice = (event: MouseEvent) => {
      if (event.target instanceof Element && event.target.closest("a, button")) current?.hidePopover();
    };
    // The browser tells what is wrong with a field, and only where it can be seen.
    const openOnFault = () => current?.togglePopover(true);
    current?.addEventListener("click", closeOnChoice);
    current?.addEventListener("invalid", openOnFault, true);
    return () => {
      current?.removeEventListener("click", closeOnChoice);
      current?.removeEventListener("invalid", openOnFault, true);
    };
  }, []);

  return (
    <>
      <button type="button" className={props.className} aria-label={props.label} popoverTarget={id}>
        {props.face}
      </button>
      <div ref={panel} id={id} popover="auto" role="group" aria-label={props.panel} className="popover">
        {props.children}
      </div>
    </>
  );
}
