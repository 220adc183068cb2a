"use client";

import { useRouter } from "next/navigation";
import { Suspense, useEffect, useState } from "react";
import { later } from "@/components/ui/later";
import { leavePage } from "@/lib/web/leaving";
import { shortcutsFor } from "@/lib/web/shortcuts";

const HelpSheet = later(() => import("@/components/preferences/help-sheet").then((module) => module.default));
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
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (keysAreTaken(event.target)) return;
      const keys = event.timeStamp - went < pairMilliseconds ? ["g", event.key] : [event.key];
      went = event.key === "g" && keys.length === 1 ? event.timeStamp : Number.NEGATIVE_INFINITY;
      const found = shortcutsFor(hrefs).find((each) => each.keys.join(" ") === keys.join(" "));
      if (!found) return;
      event.preventDefault();
      const { href } = found;
      if (href !== null) leavePage(() => router.push(href));
      else if (event.key === "?") setHelp(true);
      else focusSearch();
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
