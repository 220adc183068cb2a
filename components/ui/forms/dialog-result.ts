import { createContext } from "react";

/** A form in a dialog reports here that it is done, so that the focus goes to its result and not back to the button. */
export const DialogResult = createContext<() => void>(() => undefined);

/** The row or list item in which a dialog was opened, where its result appears. */
export function resultPlace(opener: Element | null): HTMLElement | null {
  return opener?.closest<HTMLElement>("tr, li, [data-result]") ?? null;
}

/** Focuses a place that is not a control, so that Enter does nothing there. */
export function focusPlace(place: HTMLElement | null): void {
  const target = place?.isConnected ? place : document.getElementById("main");
  if (!target) return;
  if (!target.hasAttribute("tabindex")) target.tabIndex = -1;
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "nearest" });
}
