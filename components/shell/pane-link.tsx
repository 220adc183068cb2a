"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";

/** A link of the left pane, marked when its page is open; one that is not enabled says why instead of leading on. */
export function PaneLink(props: {
  href: string;
  label: string;
  exact?: boolean;
  enabled?: boolean;
  /** How many things wait there; shown when there are any. */
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
      className="pane-link"
      aria-current={current ? "page" : undefined}
      onClick={(event) => event.currentTarget.closest<HTMLElement>("[popover]:popover-open")?.hidePopover()}
    >
      <span className="relative shrink-0">
        {props.children}
        {props.waiting ? (
          <span
            aria-hidden
            className="absolute -top-2 -right-2.5 min-w-4 rounded-full bg-accent px-1 text-center text-[0.72rem] leading-4 font-bold text-on-accent"
          >
            {props.waiting}
          </span>
        ) : null}
      </span>
      {props.label}
      {props.waiting ? <span className="sr-only">{` ${props.waiting} waiting`}</span> : null}
    </Link>
  );
}
