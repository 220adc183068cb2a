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
      {props.children}
      <span className="whitespace-nowrap">{props.label}</span>
      {props.waiting ? (
        <span className="badge badge-accent ml-auto px-1.5">
          {props.waiting}
          <span className="sr-only"> waiting</span>
        </span>
      ) : null}
    </Link>
  );
}
