import { expect, type Page } from "@playwright/test";
import { watchKeys } from "./watched-keys";

interface Stop {
  readonly what: string;
  /** Whether it comes before the previous stop, in the order of the page's source. */
  readonly before: boolean;
  readonly seen: boolean;
  readonly marked: boolean;
}

/** Makes, in the page, what tells what has the focus, and whether a person who looks at the page can tell. */
function stops(): () => Stop | null {
  let last: Element | null = null;
  return () => {
    const at = document.activeElement;
    if (!(at instanceof HTMLElement) || at === document.body) return null;
    const before =
      last !== null && (last.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_PRECEDING) !== 0;
    last = at;
    // A radio button or a check box drawn as a chip or a switch is as large as its label.
    const drawn = at.closest("label") ?? at;
    const { left, top, width, height } = drawn.getBoundingClientRect();
    const inside = left + width > 0 && left < innerWidth && top + height > 0 && top < innerHeight;
    const style = (element: Element) => getComputedStyle(element);
    const outlined = [at, drawn, ...at.children].some(
      (each) => style(each).outlineStyle !== "none" || style(each).boxShadow !== "none",
    );
    const what = `${at.tagName} ${at.getAttribute("aria-label") ?? at.textContent ?? ""}`.slice(0, 80);
    return { what, before, seen: width > 2 && height > 2 && inside, marked: outlined };
  };
}

/** Goes through the page with Tab until the focus leaves it. */
async function stopsWithFaults(page: Page): Promise<string[]> {
  const faults: string[] = [];
  const keys = await watchKeys(page, stops);
  // More stops than these are rows of a list, which are all alike.
  walk: for (let count = 0; count < 7; count += 1)
    for (const stop of await keys.press("Tab", 10)) {
      if (!stop) break walk;
      if (stop.before) {
        // The browser has returned to the first stop.
        if (stop.what.includes("Skip to content")) break walk;
        faults.push(`${stop.what}: comes after what stands below it`);
      }
      if (!stop.seen) faults.push(`${stop.what}: has the focus, but is not in sight`);
      else if (!stop.marked) faults.push(`${stop.what}: does not show that it has the focus`);
    }
  await keys.end();
  return faults;
}

/** Faults of the page for somebody who uses Tab: its skip link, and the order and visibility of the focus. */
export async function keyboardFaults(page: Page): Promise<string[]> {
  const skip = page.getByRole("link", { name: "Skip to content" });
  // On a page that is one form, its first field takes the focus once its script runs, which may be just now.
  await expect(async () => {
    const form = await page.evaluate(
      () => document.activeElement?.closest("form") instanceof HTMLFormElement,
    );
    if (form) await skip.focus();
    else await page.keyboard.press("Tab");
    await expect(skip).toBeFocused({ timeout: 500 });
  }, "the first Tab leads to the link to the content").toPass({ timeout: 3_000 });
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main"), "Enter on the link leads to the content").toBeFocused();
  await page.evaluate(() => {
    const { activeElement } = document;
    if (activeElement instanceof HTMLElement) activeElement.blur();
    document.getSelection()?.removeAllRanges();
    document.querySelector<HTMLElement>(".skip-link")?.focus();
  });
  return stopsWithFaults(page);
}
