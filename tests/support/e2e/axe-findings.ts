import { expect, type Page } from "@playwright/test";
import { axeViolations } from "./axe";
import { forEachDialog } from "./dialogs";

/**
 * Axe's findings on the page, or on the part that has opened. Runs in both themes, one on a wide and the other
 * on a narrow screen, alternating, so that what all pages share is seen in all four ways. Also checks that
 * nothing has to be scrolled sideways (WCAG 1.4.10).
 */
export async function axeFindings(page: Page, what: string, part?: string): Promise<string[]> {
  const found = new Set<string>();
  // A refused page gets its title once its script has run.
  await expect(page).toHaveTitle(/Postern/);
  const themes = what.length % 2 === 0 ? ["light", "dark"] : ["dark", "light"];
  for (const [index, width] of [1440, 390].entries()) {
    const theme = themes[index] ?? "light";
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate((value) => {
      document.documentElement.dataset.theme = value;
      return [...document.querySelectorAll("html, [role=dialog]")].some(
        (each) => each.scrollWidth > each.clientWidth,
      );
    }, theme);
    if (wide) found.add(`${what} ${width}: is wider than the screen`);
    for (const violation of await axeViolations(page, part))
      found.add(`${what} ${width} ${theme}: ${violation}`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  return [...found];
}

/** The same for one of each kind of dialog on the page. These return the focus when they close. */
export async function dialogFindings(page: Page, what: string): Promise<string[]> {
  const found: string[] = [];
  await forEachDialog(
    page,
    async (_dialog, kind) => {
      found.push(...(await axeFindings(page, `${what} › ${kind}`, "[role=dialog]")));
    },
    (button, kind) => expect(button, `${what} › ${kind}`).toBeFocused(),
  );
  return found;
}
