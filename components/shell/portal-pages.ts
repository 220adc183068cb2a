import {
  Boxes,
  Building2,
  ChartColumn,
  ClipboardCheck,
  Cog,
  FileClock,
  FileUp,
  History,
  House,
  KeyRound,
  ListChecks,
  type LucideIcon,
  ShieldCheck,
  Stamp,
  UsersRound,
} from "lucide-react";

interface PortalPage {
  readonly href: string;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly exact?: boolean;
  /** The right at the root that is needed to see the page: over people or over the installation. */
  readonly needs?: "read" | "write" | "worker";
  /** The heading of the group that starts with this page. */
  readonly begins?: string;
}

/** The pages of the left pane. */
const portalPages: readonly PortalPage[] = [
  { href: "/", label: "Home", icon: House, exact: true },
  { href: "/my-roles", label: "My roles", icon: KeyRound },
  { href: "/my-requests", label: "My requests", icon: ListChecks },
  { href: "/approvals", label: "Approve requests", icon: Stamp },
  { href: "/access-reviews", label: "Access reviews", icon: ClipboardCheck },
  { href: "/dashboard", label: "Dashboard", icon: ChartColumn, begins: "Organisation" },
  { href: "/resources", label: "Resources", icon: Boxes },
  { href: "/people", label: "People", icon: UsersRound, needs: "read" },
  { href: "/import", label: "Import", icon: FileUp, needs: "write" },
  { href: "/audit", label: "Audit log", icon: FileClock },
  { href: "/organisation", label: "Organisation", icon: Building2, needs: "worker" },
  { href: "/worker", label: "Background jobs", icon: Cog, needs: "worker" },
  { href: "/my-audit", label: "My audit history", icon: History, begins: "Account" },
  { href: "/account/security", label: "Security", icon: ShieldCheck },
];

/** The pages for a person with these rights: in the pane, the palette and the shortcuts. */
export function pagesFor(rights: Readonly<Record<"read" | "write" | "worker", boolean>>): PortalPage[] {
  return portalPages.filter(({ needs }) => needs === undefined || rights[needs]);
}
