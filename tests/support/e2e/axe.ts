import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";

const require = createRequire(import.meta.url);

/** The script of axe. A page that is often checked has it from its beginning (shared-page.ts). */
export const axeSource = readFileSync(
  require.resolve("axe-core/axe.min.js", { paths: [require.resolve("@axe-core/playwright")] }),
  "utf8",
);

/** What is used of the script in a page. */
interface Axe {
  readonly _audit: {
    readonly rules: readonly { readonly id: string; matches: (element: unknown) => boolean }[];
    readonly checks: Readonly<Record<string, Check>>;
  };
  run(
    context: object | string,
    options: object,
  ): Promise<{ readonly violations: readonly { id: string; nodes: readonly { html: string }[] }[] }>;
}
interface Check {
  evaluate(this: Helper, ...given: unknown[]): unknown;
}
interface Helper {
  data(data: unknown): void;
}

/**
 * Runs axe in the page. It computes the contrast of a text unless one that looks the same has enough: down from the root
 * of the page, the same elements with the same classes, colours and sizes. Of what a worker checks most is such a text, in
 * the frame of all pages or in the rows of a list, and contrast takes most of axe's time. All other rules check everything.
 */
async function runAxe({ part, enough }: { part: string | undefined; enough: string }) {
  const axe: Axe = Reflect.get(window, "axe");
  const looks = new WeakMap<Element, string>();
  const properties = [
    ...["color", "background-color", "background-image", "opacity", "filter", "mix-blend-mode", "position"],
    ...["font-size", "font-weight", "text-shadow", "display", "visibility", "overflow", "transform"],
  ];
  /** Two numbers, since a page has thousands of elements and a worker many pages. */
  const shortened = (text: string): string => {
    let [one, two] = [7, 11];
    for (let at = 0; at < text.length; at += 1) {
      one = Math.imul(one ^ text.charCodeAt(at), 2654435761);
      two = Math.imul(two ^ text.charCodeAt(at), 1597334677);
      two ^= one >>> 15;
    }
    return `${(one >>> 0).toString(36)}${(two >>> 0).toString(36)}`;
  };
  const lookOf = (element: Element): string => {
    const known = looks.get(element);
    if (known !== undefined) return known;
    const above = element.parentElement ? lookOf(element.parentElement) : String(innerWidth);
    const style = getComputedStyle(element);
    const own = properties.map((name) => style.getPropertyValue(name)).join();
    const look = shortened(`${above} ${element.tagName} ${element.getAttribute("class")} ${own}`);
    looks.set(element, look);
    return look;
  };
  const seen = new Set(enough === "" ? [] : enough.split(" "));
  const added: string[] = [];
  const rule = axe._audit.rules.find(({ id }) => id === "color-contrast");
  const check = axe._audit.checks["color-contrast"];
  if (!rule || !check) throw new Error("axe has no rule for contrast");
  const { matches } = rule;
  const { evaluate } = check;
  rule.matches = function (element, ...rest: []) {
    return !(element instanceof Element && seen.has(lookOf(element))) && matches.call(this, element, ...rest);
  };
  check.evaluate = function (element, ...rest) {
    let look = element instanceof Element ? lookOf(element) : "";
    // Of rows that match, the first has been computed meanwhile.
    if (seen.has(look)) return true;
    const { data: keep } = this;
    this.data = (data) => {
      // Without a ratio it was hidden, or could not be judged.
      if (typeof Reflect.get(Object(data), "contrastRatio") !== "number") look = "";
      keep.call(this, data);
    };
    const found = evaluate.call(this, element, ...rest);
    if (found === true && look !== "") {
      seen.add(look);
      added.push(look);
    }
    return found;
  };
  try {
    const { violations } = await axe.run(part ?? document, {
      resultTypes: ["violations"],
      // Style sheets are read anew only for a rule that is still an experiment, which does not run.
      preload: { assets: ["media"] },
      // The visible text of a control is part of its name (WCAG 2.5.3), so that it can be activated by voice.
      rules: { "label-content-name-mismatch": { enabled: true } },
    });
    return { found: violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`), added: added.join(" ") };
  } finally {
    rule.matches = matches;
    check.evaluate = evaluate;
  }
}

/** How texts look that had enough contrast, on any page of this worker. */
const enough = new Set<string>();

/** What axe finds on the page as it is, or in the part that a selector names. */
export async function axeViolations(page: Page, part?: string): Promise<string[]> {
  // Sending axe to a page, and a report of all that is in order, take three times as long as the checks themselves.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axeSource);
  // Thousands of texts take Playwright long as a list, and a moment as one.
  const { found, added } = await page.evaluate(runAxe, { part, enough: [...enough].join(" ") });
  for (const look of added.split(" ")) if (look !== "") enough.add(look);
  return found;
}
