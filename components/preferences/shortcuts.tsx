"use client";

import { useRouter } from "next/navigation";
import { Suspense, useEffect, useState } from "react";
import { later } from "@/components/ui/later";
import { leavePage } from "@/lib/web/leaving";

const HelpSheet = later(() => import("@/components/preferences/help-sheet").then((module) => module.default));
/** The pairs of keys and their pages, loaded with the first key of a pair. */
const loadShortcuts = () => import("@/lib/web/shortcuts");
/** How long after `g` the second key is accepted. */
const pairMilliseconds = 1_500;

/** Whether the focused element, or an open dialog or menu, handles keys itself. */
function keysAreTaken(target: EventTarget | null): boolean {
  if (document.querySelector("[role=dialog]:not([popover]), :popover-open")) return true;
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>("main input[type=search]");
  if (field) field.focus();
  else document.dispatchEvent(new Event("postern:palette"));
}

/** Single-key shortcuts, unless the person turned them off, and their help sheet. */
export function Shortcuts({ enabled, hrefs }: { enabled: boolean; hrefs: readonly string[] }) {
  const router = useRouter();
  const [help, setHelp] = useState(false);
  useEffect(() => {
    if (!enabled) return;
    let went = Number.NEGATIVE_INFINITY;
    const open = async (key: string) => {
      const { shortcutsFor } = await loadShortcuts();
      const href = shortcutsFor(hrefs).find(({ keys }) => keys.join(" ") === `g ${key}`)?.href;
      if (href) leavePage(() => router.push(href));
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (keysAreTaken(event.target)) return;
      const { key, timeStamp } = event;
      const second = timeStamp - went < pairMilliseconds;
      went = key === "g" && !second ? timeStamp : Number.NEGATIVE_INFINITY;
      // Without the list, a pair does nothing, and the next one requests it again.
      if (second) open(key).catch(() => undefined);
      else if (key === "g") loadShortcuts().catch(() => undefined);
      else if (key === "?") setHelp(true);
      else if (key === "/") {
        event.preventDefault();
        focusSearch();
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [enabled, hrefs, router]);
  return help ? (
    <Suspense>
      <HelpSheet hrefs={hrefs} onClose={() => setHelp(false)} />
    </Suspense>
  ) : null;
}
