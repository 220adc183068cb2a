"use client";

import { Icon } from "@/components/ui/icon";
import { MenuButton } from "@/components/ui/menu";

/** The signed-in person, links to their account pages, and sign-out. */
export function PersonMenu(props: { name: string; email: string; signOut: () => Promise<void> }) {
  const initials = props.name
    .split(/\s+/)
    .flatMap((word) => [...word].slice(0, 1))
    .slice(0, 2)
    .join("")
    .toUpperCase();
  return (
    <MenuButton
      label={`${props.name}, your account`}
      className="button button-quiet max-w-60 px-2"
      face={
        <>
          {/* Rendered by the style sheet, since it is not part of the button's name. */}
          <span aria-hidden data-drawn={initials} className="initials" />
          <span className="hidden truncate sm:inline">{props.name}</span>
          <Icon name="chevron-down" size={15} className="shrink-0 text-muted" />
        </>
      }
      above={
        <div className="mb-1 border-b border-line px-3 pt-1 pb-2">
          <p className="truncate font-semibold">{props.name}</p>
          <p className="truncate text-muted">{props.email}</p>
        </div>
      }
    >
      <a role="menuitem" tabIndex={-1} className="menu-item" href="/account">
        <Icon name="user" size={16} /> Profile
      </a>
      <a role="menuitem" tabIndex={-1} className="menu-item" href="/account/security">
        <Icon name="shield-check" size={16} /> Factors
      </a>
      <a role="menuitem" tabIndex={-1} className="menu-item" href="/account/sessions">
        <Icon name="monitor" size={16} /> Sessions
      </a>
      <a role="menuitem" tabIndex={-1} className="menu-item" href="/account/notifications">
        <Icon name="mail" size={16} /> Notifications
      </a>
      <a role="menuitem" tabIndex={-1} className="menu-item" href="/account/preferences">
        <Icon name="keyboard" size={16} /> Keyboard shortcuts
      </a>
      <a role="menuitem" tabIndex={-1} className="menu-item" href="/my-audit">
        <Icon name="rotate-ccw-clock" size={16} /> My audit history
      </a>
      <form action={props.signOut} role="none" data-leaves="">
        <button type="submit" role="menuitem" tabIndex={-1} className="menu-item">
          <Icon name="log-out" size={16} /> Sign out
        </button>
      </form>
    </MenuButton>
  );
}
