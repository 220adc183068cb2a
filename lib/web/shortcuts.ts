export interface Shortcut {
  /** The keys, pressed one after the other. */
  readonly keys: readonly string[];
  readonly label: string;
  /** The page it opens. Null for an action of the present page. */
  readonly href: string | null;
}

/** Single keys, and pairs that begin with `g` ("go"). All of them can be turned off (WCAG 2.1.4). */
export const shortcuts: readonly Shortcut[] = [
  { keys: ["g", "h"], label: "Home", href: "/" },
  { keys: ["g", "m"], label: "My roles", href: "/my-roles" },
  { keys: ["g", "q"], label: "My requests", href: "/my-requests" },
  { keys: ["g", "p"], label: "Approve requests", href: "/approvals" },
  { keys: ["g", "v"], label: "Access reviews", href: "/access-reviews" },
  { keys: ["g", "d"], label: "Dashboard", href: "/dashboard" },
  { keys: ["g", "r"], label: "Resources", href: "/resources" },
  { keys: ["g", "u"], label: "People", href: "/people" },
  { keys: ["g", "i"], label: "Import", href: "/import" },
  { keys: ["g", "a"], label: "Audit log", href: "/audit" },
  { keys: ["g", "w"], label: "Background jobs", href: "/worker" },
  { keys: ["g", "y"], label: "My audit history", href: "/my-audit" },
  { keys: ["g", "s"], label: "Your account", href: "/account" },
  { keys: ["/"], label: "Search this page, or everything", href: null },
  { keys: ["?"], label: "This list", href: null },
];

/** The shortcuts of the pages that a person may open, and those of the present page. */
export function shortcutsFor(hrefs: readonly string[]): Shortcut[] {
  return shortcuts.filter((each) => each.href === null || hrefs.includes(each.href));
}
