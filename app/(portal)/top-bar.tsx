import { cookies } from "next/headers";
import { signOutAction } from "@/app/sign-in/actions";
import { NotificationBell } from "@/components/notifications/notification-bell";
import { CommandPalette } from "@/components/preferences/command-palette";
import { Shortcuts } from "@/components/preferences/shortcuts";
import { HeldPill } from "@/components/shell/held-pill";
import { Mark } from "@/components/shell/mark";
import { PersonMenu } from "@/components/shell/person-menu";
import { ThemeMenu } from "@/components/shell/theme-menu";
import { themeOf } from "@/components/shell/themes";
import { Icon } from "@/components/ui/icon";
import { frame } from "./frame-data";
import { deactivate, deactivateSeveral } from "./my-roles/actions";
import { markAllRead, markRead } from "./notifications/actions";

export async function TopBar() {
  const { caller, unread, held, shortcuts, allowed } = await frame();
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
      <a href="/" className="home-link">
        <Mark />
        <span className="max-[359px]:sr-only">Postern</span>
      </a>
      <span className="grow" />
      <HeldPill held={held} deactivate={deactivate} deactivateSeveral={deactivateSeveral} />
      <Shortcuts enabled={shortcuts} hrefs={allowed.map((item) => item.href)} />
      <CommandPalette
        pages={allowed.map(({ href, label }) => ({ href, label }))}
        keys={/Mac|iPhone|iPad/.test(caller.userAgent ?? "") ? "⌘ K" : "Ctrl K"}
      />
      <NotificationBell initial={unread} markRead={markRead} markAllRead={markAllRead} />
      <ThemeMenu initial={theme} />
      <PersonMenu name={caller.displayName} email={caller.email} signOut={signOutAction} />
    </header>
  );
}
