import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { forEachDialog } from "./dialogs";

/**
 * Axe's findings on the page, or on the part that has opened. Runs in both themes, one on a wide and the other on a
 * narrow screen, by turns, so that what all pages share is seen in all four ways. Also checks that nothing has to be
 * scrolled sideways (WCAG 1.4.10).
 */
export async function axeFindings(page: Page, what: string, part?: string): Promise<string[]> {
  const found = new Set<string>();
  // A refused page gets its title once its script has run.
  await expect(page).toHaveTitle(/Postern/);
  const themes = what.length % 2 === 0 ? ["light", "dark"] : ["dark", "light"];
  for (const [index, width] of [1440, 390].entries()) {
    const theme = themes[index] ?? "light";
    await page.setViewportSize({ width, height: 900 });
    await page.locator("html").evaluate((html, value) => {
      html.dataset.theme = value;
    }, theme);
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll("html, [role=dialog]")].some(
        (each) => each.scrollWidth > each.clientWidth,
      ),
    );
    if (wide) found.add(`${what} ${width}: is wider than the screen`);
    // Sending axe to a page, and a report of all that is in order, take three times as long as the checks themselves.
    const sent = await page.evaluate(() => "axe" in window);
    const axe = new AxeBuilder(sent ? { page, axeSource: " " } : { page }).setLegacyMode().options({
      resultTypes: ["violations"],
      // The visible text of a control is part of its name (WCAG 2.5.3), so that it can be activated by voice.
      rules: { "label-content-name-mismatch": { enabled: true } },
    });
    if (part) axe.include(part);
    for (const { id, nodes } of (await axe.analyze()).violations)
      found.add(`${what} ${width} ${theme}: ${id}: ${nodes[0]?.html}`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  return [...found];
}

/** The same of one of each kind of dialog that the page leads to, which give the focus back when they close. */
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
