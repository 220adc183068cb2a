"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";

/** Scrolls a row of links to the current one, without scrolling the page. */
function bringIntoSight(link: HTMLAnchorElement | null) {
  const row = link?.parentElement;
  if (!link || !row || row.scrollWidth <= row.clientWidth) return;
  row.scrollLeft = link.offsetLeft - row.offsetLeft - (row.clientWidth - link.offsetWidth) / 2;
}

/** A link of the left pane, marked when its page is open. A disabled link says why. */
export function PaneLink(props: {
  href: string;
  label: string;
  exact?: boolean;
  enabled?: boolean;
  /** How many items wait there; shown when there are any. */
  waiting?: string;
  children?: React.ReactNode;
}) {
  const path = usePathname();
  if (props.enabled === false) {
    return (
      <span
        role="link"
        aria-disabled="true"
        tabIndex={0}
        className="pane-link"
        title="Activate an administrator role to open this"
      >
        {props.children}
        {props.label}
      </span>
    );
  }
  const current = props.exact
    ? path === props.href
    : path === props.href || path.startsWith(`${props.href}/`);
  return (
    <Link
      href={props.href}
      ref={current ? bringIntoSight : undefined}
      className="pane-link"
      aria-current={current ? "page" : undefined}
      onClick={(event) => event.currentTarget.closest<HTMLElement>("[popover]:popover-open")?.hidePopover()}
    >
      <span className="shrink-0">{props.children}</span>
      {props.label}
      {props.waiting ? (
        <span className="relative ml-auto">
          <span
            aria-hidden
            className="block min-w-5 rounded-full bg-accent px-1.5 text-center text-[0.78rem] leading-5 font-bold text-on-accent"
          >
            {props.waiting}
          </span>
          <span className="sr-only">{` ${props.waiting} waiting`}</span>
        </span>
      ) : null}
    </Link>
  );
}
