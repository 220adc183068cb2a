import { cookies } from "next/headers";
import Link from "next/link";
import { cache, Fragment } from "react";
import { signOutAction } from "@/app/sign-in/actions";
import { NotificationBell } from "@/components/notifications/notification-bell";
import { CommandPalette } from "@/components/preferences/command-palette";
import { Shortcuts } from "@/components/preferences/shortcuts";
import { Mark } from "@/components/shell/mark";
import { PaneLink } from "@/components/shell/pane-link";
import { PersonMenu } from "@/components/shell/person-menu";
import { pagesFor } from "@/components/shell/portal-pages";
import { RefreshOnBack } from "@/components/shell/refresh-on-back";
import { ThemeMenu } from "@/components/shell/theme-menu";
import { themeOf } from "@/components/shell/themes";
import { Icon } from "@/components/ui/icon";
import { ReaderZone } from "@/components/ui/moment";
import { ServerClock } from "@/components/ui/server-clock";
import { application } from "@/lib/platform/application";
import { readShell } from "@/lib/queries/preferences/shell";
import { countInWords, countWaitingForMe } from "@/lib/queries/requests/waiting-for-me";
import { requireCaller } from "@/lib/web/request";

/** What the top bar and the pane show about the caller, read once per request for both. */
const frame = cache(async () => {
  const caller = await requireCaller();
  const shell = await readShell(application().database, caller);
  return {
    caller,
    ...shell,
    allowed: pagesFor(shell.rights),
  };
});

/** Reads nothing itself, so that its parts and the page load at the same time. */
export default async function PortalLayout({ children }: { children: React.ReactNode }) {
  await requireCaller();
  return (
    <>
      <a href="#main" className="sr-only focus:not-sr-only focus:fixed focus:z-50 focus:bg-surface focus:p-3">
        Skip to content
      </a>
      <RefreshOnBack />
      <TopBar />
      <div className="lg:grid lg:grid-cols-[15.5rem_minmax(0,1fr)]">
        <MainPane />
        <main id="main" tabIndex={-1} className="w-full max-w-[200rem] p-4 outline-none sm:p-6">
          <noscript>
            <p className="banner mb-5">
              Without JavaScript you can only read and search. Turn it on to activate, decide or change
              anything.
            </p>
          </noscript>
          {children}
          <ZoneOfTimes />
        </main>
      </div>
    </>
  );
}

/** The zone of the page's times, and the server's clock for what the browser reckons from now. */
async function ZoneOfTimes() {
  const { now } = await frame();
  return (
    <>
      <ServerClock now={now.toISOString()} />
      <ReaderZone now={now} />
    </>
  );
}

async function MainPane() {
  const caller = await requireCaller();
  const [{ allowed }, toDecide] = await Promise.all([
    frame(),
    countWaitingForMe(application().database, caller),
  ]);
  const waiting = countInWords(toDecide);
  const links = allowed.map(({ icon, needs: _needs, begins, ...item }) => (
    <Fragment key={item.href}>
      {begins ? <p className="mt-4 mb-1 px-2 text-sm font-semibold text-muted">{begins}</p> : null}
      <PaneLink {...item} waiting={item.href === "/approvals" ? waiting : undefined}>
        <Icon name={icon} size={17} />
      </PaneLink>
    </Fragment>
  ));
  return (
    <nav id="main-pane" popover="auto" aria-label="Main" className="main-pane">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-0.5">{links}</div>
    </nav>
  );
}

async function TopBar() {
  const { caller, unread, shortcuts, allowed } = await frame();
  const theme = themeOf((await cookies()).get("postern-theme")?.value);
  return (
    <header className="top-bar flex items-center gap-2 px-3 sm:px-4">
      <button
        type="button"
        className="button button-quiet px-2 lg:hidden"
        aria-label="Menu"
        popoverTarget="main-pane"
      >
        <Icon name="menu" size={19} />
      </button>
      <Link href="/" className="flex min-h-[2.9rem] items-center gap-2 font-bold text-text no-underline">
        <Mark />
        <span className="max-[359px]:sr-only">Postern</span>
      </Link>
      <span className="grow" />
      <Shortcuts enabled={shortcuts} hrefs={allowed.map((item) => item.href)} />
      <CommandPalette pages={allowed.map(({ href, label }) => ({ href, label }))} />
      <NotificationBell initial={unread} />
      <ThemeMenu initial={theme} />
      <PersonMenu name={caller.displayName} email={caller.email} signOut={signOutAction} />
    </header>
  );
}
