import type { IconName } from "@/components/ui/icon-names";

interface PortalPage {
  readonly href: string;
  readonly label: string;
  readonly icon: IconName;
  readonly exact?: boolean;
  /** Other pages that are reached from it (`PaneItem`). */
  readonly also?: RegExp;
  /** The rights at the root that are needed to see the page: over people, over the installation, or both. */
  readonly needs?: readonly (keyof RootRights)[];
  /** The heading of the group that starts with this page. */
  readonly begins?: string;
}

/** The pages of the left pane. */
const portalPages: readonly PortalPage[] = [
  { href: "/", label: "Home", icon: "house", exact: true },
  { href: "/my-roles", label: "My roles", icon: "key-round" },
  { href: "/my-requests", label: "My requests", icon: "list-checks" },
  { href: "/approvals", label: "Approve requests", icon: "stamp" },
  { href: "/access-reviews", label: "Access reviews", icon: "clipboard-check" },
  { href: "/dashboard", label: "Dashboard", icon: "chart-column", begins: "Organisation" },
  { href: "/resources", label: "Resources", icon: "boxes", also: /^\/organisation\/resource-types/ },
  { href: "/people", label: "People", icon: "users-round", needs: ["read"] },
  { href: "/import", label: "Import", icon: "file-up", needs: ["write"] },
  { href: "/audit", label: "Audit log", icon: "file-clock" },
  { href: "/organisation", label: "Organisation", icon: "building-complex", needs: ["worker"] },
  { href: "/organisation/sign-in", label: "Sign-in and factors", icon: "lock-keyhole", needs: ["worker"] },
  { href: "/organisation/directories", label: "Directories", icon: "network", needs: ["write", "worker"] },
  { href: "/worker", label: "Background jobs", icon: "cog", needs: ["worker"] },
  { href: "/my-audit", label: "My audit history", icon: "rotate-ccw-clock", begins: "Account" },
  { href: "/account", label: "Your account", icon: "user" },
];

/** The permissions at the root that pages depend on: over people, and over the installation. */
export type RootRights = Readonly<Record<"read" | "write" | "worker", boolean>>;

/** The pages for a person with these rights: in the pane, the palette and the shortcuts. */
export function pagesFor(rights: RootRights): PortalPage[] {
  return portalPages.filter(({ needs }) => needs === undefined || needs.every((right) => rights[right]));
}
