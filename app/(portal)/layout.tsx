import { cookies } from "next/headers";
import Link from "next/link";
import { cache } from "react";
import { signOutAction } from "@/app/sign-in/actions";
import { NotificationBell } from "@/components/notifications/notification-bell";
import { CommandPalette } from "@/components/preferences/command-palette";
import { Shortcuts } from "@/components/preferences/shortcuts";
import { Frame } from "@/components/shell/frame";
import { MainPane } from "@/components/shell/main-pane";
import { Mark } from "@/components/shell/mark";
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
      <a href="#main" className="skip-link">
        Skip to content
      </a>
      <RefreshOnBack />
      <TopBar />
      <Frame pane={<Pane />} zone={<ZoneOfTimes />}>
        {children}
      </Frame>
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

async function Pane() {
  const caller = await requireCaller();
  const [{ rights }, toDecide] = await Promise.all([
    frame(),
    countWaitingForMe(application().database, caller),
  ]);
  return <MainPane rights={rights} waiting={countInWords(toDecide)} />;
}

async function TopBar() {
  const { caller, unread, shortcuts, allowed } = await frame();
  const theme = themeOf((await cookies()).get("postern-theme")?.value);
  return (
    <header className="top-bar flex items-center gap-2 px-3 sm:px-4">
      {["main-pane", "resource-pane"].map((pane) => (
        <button
          key={pane}
          type="button"
          className={`button button-quiet px-2 menu-of-${pane}`}
          aria-label="Menu"
          popoverTarget={pane}
        >
          <Icon name="menu" size={19} />
        </button>
      ))}
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
