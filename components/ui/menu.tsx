"use client";

import { useId, useRef } from "react";
import { itemsOfMenu, moveInMenu } from "@/components/ui/menu-keys";

/**
 * A menu button (ARIA Authoring Practices). Arrows, Home, End and first letters move; Escape and Tab close. It uses the
 * browser's popover, which works before scripts load, closes on an outside click and returns the focus.
 */
export function MenuButton(props: {
  label: string;
  className: string;
  face: React.ReactNode;
  above?: React.ReactNode;
  children: React.ReactNode;
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const menu = useRef<HTMLDivElement>(null);

  return (
    <>
      <button
        ref={button}
        type="button"
        className={props.className}
        aria-label={props.label}
        aria-haspopup="menu"
        popoverTarget={id}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          event.preventDefault();
          popover.current?.showPopover();
        }}
      >
        {props.face}
      </button>
      <div
        ref={popover}
        id={id}
        popover="auto"
        className="menu"
        onToggle={(event) => {
          if (event.newState === "open" && menu.current) itemsOfMenu(menu.current)[0]?.focus();
        }}
      >
        {props.above}
        <div
          ref={menu}
          role="menu"
          tabIndex={-1}
          aria-label={props.label}
          onKeyDown={(event) => moveInMenu(event, () => popover.current?.hidePopover())}
          onClick={(event) => {
            if (event.target instanceof Element && event.target.closest("[role^=menuitem]"))
              popover.current?.hidePopover();
          }}
        >
          {props.children}
        </div>
      </div>
    </>
  );
}
