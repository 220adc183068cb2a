"use client";

import { usePathname, useRouter } from "next/navigation";
import { Fragment, useState, useTransition } from "react";
import { Icon } from "@/components/ui/icon";
import type { IconName } from "@/components/ui/icon-names";

export interface PaneItem {
  readonly href: string;
  readonly label: string;
  readonly icon: IconName;
  /** Only this very page is the open one, not those below it. */
  readonly exact?: boolean;
  /** Matches pages that are reached from this one although their addresses do not begin with its own. */
  readonly also?: RegExp;
  /** False: greyed out, and says why. */
  readonly enabled?: boolean;
  /** How many items wait there; shown when there are any. */
  readonly waiting?: string;
  /** What waits, for screen readers. */
  readonly waitingWords?: string;
  /** The severity of what waits. */
  readonly tone?: "High" | "Medium" | "Low";
  /** The heading of the group that starts with this page. */
  readonly begins?: string;
}

export interface PaneClicks {
  readonly open: (event: React.MouseEvent<HTMLAnchorElement>) => void;
  /** The requested page, while it is loading. */
  readonly next: string | null;
}

/** Opens the links of a pane in place. Plain links, since every page renders all of them. */
export function usePaneClicks(): PaneClicks {
  const router = useRouter();
  const [moving, start] = useTransition();
  const [next, setNext] = useState("");
  const open = (event: React.MouseEvent<HTMLAnchorElement>) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const link = event.currentTarget;
    link.closest<HTMLElement>("[popover]:popover-open")?.hidePopover();
    const href = link.getAttribute("href") ?? "/";
    setNext(href);
    start(() => router.push(href));
  };
  return { open, next: moving ? next : null };
}

/** The item of the open page: that with the longest address which leads to it. */
function openItem(items: readonly PaneItem[], path: string): PaneItem | undefined {
  const leading = items.filter(({ href, exact }) => path === href || (!exact && path.startsWith(`${href}/`)));
  return (
    items.find(({ also }) => also?.test(path)) ??
    leading.toSorted((one, other) => other.href.length - one.href.length).at(0)
  );
}

/** The links of a pane. That of the open page is marked. */
export function PaneLinks(props: { items: readonly PaneItem[]; clicks: PaneClicks; tips?: boolean }) {
  const path = usePathname();
  const open = openItem(props.items, path);
  return props.items.map((item) => {
    const face = (
      <>
        <Icon name={item.icon} size={17} className="shrink-0" />
        <span className="pane-label">{item.label}</span>
      </>
    );
    if (item.enabled === false)
      return (
        <span
          key={item.href}
          role="link"
          aria-disabled="true"
          tabIndex={0}
          className="pane-link"
          title="Activate an administrator role to open this"
        >
          {face}
        </span>
      );
    const current = item === open;
    return (
      <Fragment key={item.href}>
        {item.begins ? <p className="pane-begins">{item.begins}</p> : null}
        <a
          href={item.href}
          className="pane-link"
          data-next={props.clicks.next === item.href ? "" : undefined}
          title={props.tips ? item.label : undefined}
          aria-current={current ? "page" : undefined}
          onClick={props.clicks.open}
        >
          {face}
          {item.waiting ? (
            <>
              <span aria-hidden className="pane-waiting" data-tone={item.tone}>
                {item.waiting}
              </span>
              <span className="sr-only">{` ${item.waitingWords ?? `${item.waiting} waiting`}`}</span>
            </>
          ) : null}
        </a>
      </Fragment>
    );
  });
}
