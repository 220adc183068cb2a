import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import { BackFirst } from "@/components/shell/back-first";
import { EarlyPaletteKey } from "@/components/shell/early-palette-key";
import { FollowLinks } from "@/components/shell/follow-links";
import { themeOf } from "@/components/shell/themes";
import { TimeZoneCookie } from "@/components/ui/time-zone-cookie";
import { ToastPlace } from "@/components/ui/toast-place";
import { scriptNonce } from "./script-nonce";
import "./globals.css";
import { typeface } from "./typeface";

export const metadata: Metadata = {
  title: { default: "Postern", template: "%s · Postern" },
  description: "Just-in-time privileged access",
  manifest: "/manifest.webmanifest",
};

/** The canvas of each theme (app/styles/tokens.css), for what browsers draw around a page. */
const light = "#ffffff";
const dark = "#0f1012";

export async function generateViewport(): Promise<Viewport> {
  const theme = themeOf((await cookies()).get("postern-theme")?.value);
  return {
    themeColor:
      theme === "system"
        ? [
            { media: "(prefers-color-scheme: light)", color: light },
            { media: "(prefers-color-scheme: dark)", color: dark },
          ]
        : { light, dark }[theme],
    // A phone's keyboard makes the page smaller, so that it covers no button of a dialog.
    interactiveWidget: "resizes-content",
  };
}

export default async function RootLayout({ children }: { children: React.ReactNode }) {
  // Reading the request headers keeps every page dynamic, as the nonce of its scripts requires.
  const nonce = await scriptNonce();
  const theme = themeOf((await cookies()).get("postern-theme")?.value);
  return (
    <html lang="en" data-theme={theme} className={typeface}>
      <body className="min-h-dvh font-sans antialiased">
        <EarlyPaletteKey nonce={nonce} />
        <BackFirst />
        <FollowLinks />
        {children}
        <TimeZoneCookie />
        <ToastPlace theme={theme} />
      </body>
    </html>
  );
}
