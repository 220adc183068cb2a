"use client";

import { useLayoutEffect, useRef, useState } from "react";
import { moveInMenu } from "@/components/ui/menu-keys";

/** An action of a row. Its label begins its accessible name, and the row's subject ends it. */
export interface RowAction {
  readonly label: string;
  readonly danger?: boolean;
  readonly onSelect: () => void;
}

/**
 * The actions of a row of a list: up to two as quiet buttons, more in a menu. The menu is drawn when it opens, so that
 * a page of rows stays small.
 */
export function RowActions(props: {
  /** What the actions are about, such as `Contributor of Mina Tanaka`. */
  readonly subject: string;
  readonly actions: readonly RowAction[];
}) {
  const { subject, actions } = props;
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const openBefore = useRef(false);
  if (actions.length <= 2)
    return actions.map((action) => (
      <button
        key={action.label}
        type="button"
        className="row-action"
        aria-label={`${action.label} ${subject}`}
        aria-haspopup="dialog"
        onClick={action.onSelect}
      >
        {action.label}
      </button>
    ));
  return (
    <>
      <button
        ref={button}
        type="button"
        className="row-action"
        aria-label={`Actions for ${subject}`}
        aria-haspopup="menu"
        aria-expanded={open || undefined}
        onPointerDown={() => {
          // The browser closes the menu on this press already.
          openBefore.current = open;
        }}
        onClick={() => {
          setOpen(!openBefore.current);
          openBefore.current = false;
        }}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        ⋯
      </button>
      {open ? <OpenMenu {...props} anchor={button} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function OpenMenu(props: {
  subject: string;
  actions: readonly RowAction[];
  anchor: React.RefObject<HTMLButtonElement | null>;
  onClose: () => void;
}) {
  const popover = useRef<HTMLDivElement>(null);
  const { anchor } = props;
  useLayoutEffect(() => {
    const menu = popover.current;
    const at = anchor.current?.getBoundingClientRect();
    if (!menu || !at) return;
    menu.showPopover();
    const { width, height } = menu.getBoundingClientRect();
    const below = at.bottom + 4 + height <= window.innerHeight;
    menu.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - 4 - height)}px`;
    menu.style.left = `${Math.max(8, Math.min(at.right - width, window.innerWidth - width - 8))}px`;
    menu.querySelector<HTMLElement>("[role=menuitem]")?.focus();
  }, [anchor]);
  const close = () => popover.current?.hidePopover();
  return (
    <div
      ref={popover}
      popover="auto"
      className="menu row-actions-menu"
      onToggle={(event) => {
        if (event.newState === "closed") props.onClose();
      }}
    >
      <div
        role="menu"
        tabIndex={-1}
        aria-label={`Actions for ${props.subject}`}
        onKeyDown={(event) => moveInMenu(event, close)}
      >
        {props.actions.map((action) => (
          <button
            key={action.label}
            type="button"
            role="menuitem"
            tabIndex={-1}
            className={`menu-item ${action.danger ? "text-danger" : ""}`}
            aria-label={`${action.label} ${props.subject}`}
            onClick={() => {
              close();
              action.onSelect();
            }}
          >
            {action.label}
          </button>
        ))}
      </div>
    </div>
  );
}
