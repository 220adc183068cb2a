"use client";

import { useId, useRef } from "react";

function items(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>("[role^=menuitem]")];
}

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

  function move(event: React.KeyboardEvent<HTMLDivElement>) {
    const all = items(event.currentTarget);
    const at = all.findIndex((item) => item.matches(":focus"));
    const letter = event.key.length === 1 ? event.key.toLowerCase() : null;
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
    const found = letter
      ? [...all.slice(at + 1), ...all].find((item) =>
          item.textContent?.trim().toLowerCase().startsWith(letter),
        )
      : event.key in steps
        ? all.at((steps[event.key] ?? 0) % all.length)
        : undefined;
    if (event.key === "Tab") popover.current?.hidePopover();
    if (!found) return;
    event.preventDefault();
    found.focus();
  }

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
          if (event.newState === "open" && menu.current) items(menu.current)[0]?.focus();
        }}
      >
        {props.above}
        <div
          ref={menu}
          role="menu"
          tabIndex={-1}
          aria-label={props.label}
          onKeyDown={move}
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
