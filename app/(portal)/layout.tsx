import { Boxes, FileClock, History, House, KeyRound, ListChecks, Menu, ShieldCheck } from "lucide-react";
import Link from "next/link";
import { signOutAction } from "@/app/sign-in/actions";
import { PaneLink } from "@/components/shell/pane-link";
import { ThemeToggle } from "@/components/shell/theme-toggle";
import { requireCaller } from "@/lib/identity/request";

const items = [
  { href: "/", label: "Home", icon: House, exact: true },
  { href: "/my-roles", label: "My roles", icon: KeyRound },
  { href: "/my-requests", label: "My requests", icon: ListChecks },
  { href: "/resources", label: "Resources", icon: Boxes },
  { href: "/audit", label: "Audit log", icon: FileClock },
  { href: "/my-audit", label: "My audit history", icon: History },
  { href: "/account/security", label: "Security", icon: ShieldCheck },
];

export default async function PortalLayout({ children }: { children: React.ReactNode }) {
  const caller = await requireCaller();
  const links = items.map(({ icon: Icon, ...item }) => (
    <PaneLink key={item.href} {...item}>
      <Icon aria-hidden size={17} />
    </PaneLink>
  ));
  return (
    <div className="grid min-h-dvh grid-rows-[auto_1fr] lg:grid-cols-[14.5rem_1fr]">
      <a href="#main" className="sr-only focus:not-sr-only focus:fixed focus:z-50 focus:bg-surface focus:p-3">
        Skip to content
      </a>
      <header className="flex items-center gap-3 border-b border-line bg-surface px-4 py-2 lg:col-span-2">
        <Link href="/" className="flex items-center gap-2 font-bold text-text">
          <svg aria-hidden viewBox="0 0 32 32" className="size-6">
            <rect width="32" height="32" rx="7" fill="var(--accent)" />
            <path d="M9 26V14a7 7 0 0 1 14 0v12" fill="none" stroke="var(--on-accent)" strokeWidth="3" />
          </svg>
          Postern
        </Link>
        <span className="grow" />
        <ThemeToggle />
        <details className="relative">
          <summary className="button button-quiet max-w-44 list-none">
            <span className="truncate">{caller.displayName}</span>
          </summary>
          <div className="absolute right-0 z-30 mt-1 grid w-64 gap-1 rounded-lg border border-line bg-surface p-2 shadow-lg">
            <p className="truncate px-3 py-1 text-muted">{caller.email}</p>
            <Link className="pane-link" href="/account/security">
              Security
            </Link>
            <form action={signOutAction}>
              <button type="submit" className="pane-link w-full">
                Sign out
              </button>
            </form>
          </div>
        </details>
      </header>
      <nav aria-label="Main" className="hidden border-r border-line bg-surface p-3 lg:block">
        <div className="sticky top-3 grid gap-0.5">{links}</div>
      </nav>
      <div className="min-w-0">
        <details className="border-b border-line bg-surface px-4 py-1 lg:hidden">
          <summary className="flex items-center gap-2 py-1 font-medium">
            <Menu aria-hidden size={17} /> Menu
          </summary>
          <nav aria-label="Main menu" className="grid gap-0.5 pb-2">
            {links}
          </nav>
        </details>
        <main id="main" className="mx-auto max-w-[96rem] p-4 sm:p-6">
          {children}
        </main>
      </div>
    </div>
  );
}
