import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { forEachDialog } from "./dialogs";

const require = createRequire(import.meta.url);
const axeSource = readFileSync(
  require.resolve("axe-core/axe.min.js", { paths: [require.resolve("@axe-core/playwright")] }),
  "utf8",
);

const contrastOfOthers = `axe.configure({ rules: [{ id: "color-contrast", selector: "*:not([data-as-before])" }] })`;

/** Attributes that only name things or contain addresses, so that elements that differ only in these look the same. */
const naming = [
  ...["id", "for", "name", "value", "title", "href", "action", "datetime", "dir", "lang"],
  ...["aria-label", "aria-labelledby", "aria-describedby", "aria-controls", "data-as-before"],
];

/**
 * Marks elements that look like at least two earlier siblings in an odd position and two in an even one: the
 * same elements with the same classes, styles and states, such as the rows of a long list. Axe computes only
 * the contrast of the others, since that takes most of its time. All its other rules check everything.
 */
function markRepeated(namingOnly: readonly string[]): void {
  for (const marked of document.querySelectorAll("[data-as-before]"))
    marked.removeAttribute("data-as-before");
  const lookOf = (element: Element): string => {
    const attributes = [...element.attributes]
      .filter(({ name }) => !namingOnly.includes(name))
      .map(({ name, value }) => `${name}=${value}`);
    const parts = [...element.childNodes].map((child) => {
      if (child instanceof Element) return lookOf(child);
      return child.textContent?.trim() ? "text" : "";
    });
    return `<${element.tagName} ${attributes.sort().join(" ")}>${parts.join("")}</>`;
  };
  const within = (parent: Element): void => {
    const seen = new Map<string, number>();
    for (const [index, child] of [...parent.children].entries()) {
      const look = `${index % 2} ${lookOf(child)}`;
      const times = (seen.get(look) ?? 0) + 1;
      seen.set(look, times);
      if (times <= 2 || child === parent.lastElementChild) within(child);
      else
        for (const each of [child, ...child.querySelectorAll("*")]) each.setAttribute("data-as-before", "");
    }
  };
  within(document.body);
}

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
    if (!(await page.evaluate(() => "axe" in window)))
      await page.evaluate(`${axeSource}; ${contrastOfOthers}`);
    await page.evaluate(markRepeated, naming);
    const axe = new AxeBuilder({ page, axeSource: " " }).setLegacyMode().options({
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
