"use client";

import { Children, useLayoutEffect, useRef, useState } from "react";
import { moveInMenu } from "@/components/ui/menu-keys";

/**
 * The actions of a row of a list, unobtrusive until the pointer is on them. One or two are visible, and further
 * ones are in a menu. `children` are the actions: `RowAction`, a link, or a dialog with its button.
 */
export function RowActions(props: {
  /** What the actions are about, such as `Contributor of Mina Tanaka`. */
  readonly about: string;
  /** How many stay visible beside a menu. */
  readonly seen?: 0 | 2;
  /** Loads what the actions open (`later`), as soon as the pointer is on the menu. */
  readonly comeNear?: () => void;
  readonly children: React.ReactNode;
}) {
  const actions = Children.toArray(props.children);
  const seen = actions.length > 2 ? (props.seen ?? 2) : 2;
  const more = actions.slice(seen);
  return (
    <div className="row-actions">
      {actions.slice(0, seen)}
      {more.length > 0 ? (
        <MoreActions
          label={`${seen > 0 ? "More actions" : "Actions"} for ${props.about}`}
          comeNear={props.comeNear}
        >
          {more}
        </MoreActions>
      ) : null}
    </div>
  );
}

/** An action that the page itself handles. Its accessible name begins with its label and ends with what it is about. */
export function RowAction(props: {
  readonly label: string;
  readonly about: string;
  readonly danger?: boolean;
  /** Loads what the action opens (`later`), as soon as the pointer is on it. */
  readonly comeNear?: () => void;
  readonly onSelect: () => void;
}) {
  return (
    <button
      type="button"
      className={props.danger ? "row-action row-action-danger" : "row-action"}
      aria-label={`${props.label} ${props.about}`}
      aria-haspopup="dialog"
      onPointerEnter={props.comeNear}
      onFocus={props.comeNear}
      onClick={props.onSelect}
    >
      {props.label}
    </button>
  );
}

/** The menu is rendered when it first opens, so that a page of rows stays small. */
function MoreActions(props: {
  label: string;
  comeNear?: (() => void) | undefined;
  children: React.ReactNode;
}) {
  const { label, children } = props;
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState(false);
  const [open, setOpen] = useState(false);
  const openBefore = useRef(false);
  useLayoutEffect(() => {
    const { current } = panel;
    if (!open || !current) return;
    current.showPopover({ source: button.current ?? undefined });
    current.querySelector<HTMLElement>("a, button")?.focus();
  }, [open]);
  const show = () => {
    setDrawn(true);
    setOpen(true);
  };
  const close = () => panel.current?.hidePopover();
  return (
    <>
      <button
        ref={button}
        type="button"
        className="row-action"
        aria-label={label}
        aria-expanded={open}
        onPointerEnter={props.comeNear}
        onFocus={props.comeNear}
        onPointerDown={() => {
          // The browser closes the menu on this press already.
          openBefore.current = open;
        }}
        onClick={() => {
          if (!openBefore.current) show();
          openBefore.current = false;
        }}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          event.preventDefault();
          show();
        }}
      >
        ⋯
      </button>
      {drawn ? (
        <div
          ref={panel}
          popover="auto"
          role="group"
          aria-label={label}
          className="popover"
          onToggle={(event) => setOpen(event.newState === "open")}
          onKeyDown={(event) => moveInMenu(event, close)}
          onClick={(event) => {
            // A chosen item stays rendered, since it may have opened a dialog of its own.
            if (event.target instanceof Element && event.target.closest(".popover a, .popover button"))
              close();
          }}
        >
          {children}
        </div>
      ) : null}
    </>
  );
}
