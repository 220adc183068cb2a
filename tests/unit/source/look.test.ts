import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");
const styles = join(root, "app/styles");
const sheets = readdirSync(styles).map((name) => ({ name, text: readFileSync(join(styles, name), "utf8") }));
const tokensSheet = sheets.find(({ name }) => name === "tokens.css")?.text ?? "";

/** The colours of the light and of the dark theme, by the name of their token. */
const colours = new Map(
  [...tokensSheet.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name, light, dark]) => [
    name,
    { light, dark },
  ]),
);

/** The relative luminance of a colour (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

const grounds = ["canvas", "pane", "surface", "sunken"];
const onItsTint = ["danger", "warning", "success"].map((name) => [name, `${name}-tint`] as const);

/** Pairs of text and background: 4.5:1 for text, 3:1 for the borders of fields and for the parts of charts (WCAG AA). */
const pairs: readonly (readonly [front: string, back: string, least: number])[] = [
  ...grounds.flatMap((ground) =>
    ["text", "muted", "accent", "accent-strong", "danger", "warning", "success"].map(
      (name) => [name, ground, 4.5] as const,
    ),
  ),
  ...grounds.map((ground) => ["control", ground, 3] as const),
  ...onItsTint.map(([name, tint]) => [name, tint, 4.5] as const),
  ...["tint", "danger-tint", "warning-tint", "success-tint"].map((tint) => ["text", tint, 4.5] as const),
  ["accent-strong", "tint", 4.5],
  ["on-accent", "accent", 4.5],
  ["on-accent", "accent-strong", 4.5],
  ...[1, 2, 3, 4, 5, 6].flatMap((n) =>
    ["surface", "canvas"].map((ground) => [`chart-${n}`, ground, 3] as const),
  ),
];

describe("the style sheets", () => {
  it.each(["light", "dark"] as const)("have text and borders that can be seen, in the %s theme", (theme) => {
    const faint = pairs.flatMap(([front, back, least]) => {
      const [one, other] = [colours.get(front)?.[theme], colours.get(back)?.[theme]];
      const ratio = one && other ? contrast(one, other) : 0;
      return ratio < least ? [`${front} on ${back}: ${ratio.toFixed(2)}, at least ${least}`] : [];
    });
    expect(faint).toEqual([]);
  });

  it("give browsers the canvas of each theme for what they draw around a page", () => {
    const layout = readFileSync(join(root, "app/layout.tsx"), "utf8");
    const canvas = colours.get("canvas");
    expect(layout).toContain(`light = "${canvas?.light}"`);
    expect(layout).toContain(`dark = "${canvas?.dark}"`);
  });

  it("take every colour from the tokens", () => {
    const stray = sheets
      .filter(({ name }) => name !== "tokens.css")
      .flatMap(({ name, text }) =>
        (text.match(/#[0-9a-f]{3,8}\b(?=[;,)\s])|hsl\(|oklch\(/gi) ?? []).map((found) => `${name}: ${found}`),
      );
    expect(stray).toEqual([]);
  });

  it("move nothing for longer than 150 ms, and nothing where less motion is asked for", () => {
    const spans = sheets.flatMap(({ name, text }) =>
      [...text.matchAll(/(\d*\.?\d+)(ms|s)\b/g)].map(([, span, unit]) => ({
        name,
        milliseconds: Number(span) * (unit === "s" ? 1000 : 1),
      })),
    );
    expect(spans.filter(({ milliseconds }) => milliseconds > 150)).toEqual([]);
    expect(sheets.find(({ name }) => name === "motion.css")?.text).toContain("prefers-reduced-motion");
  });

  it("are all loaded, each under 250 lines", () => {
    const loaded = readFileSync(join(root, "app/globals.css"), "utf8");
    expect(sheets.filter(({ name }) => !loaded.includes(`./styles/${name}`))).toEqual([]);
    expect(sheets.filter(({ text }) => text.split("\n").length > 250).map(({ name }) => name)).toEqual([]);
  });

  it("use weights that the typeface has, and come with its licence", () => {
    const weights = sheets.flatMap(({ text }) =>
      [...text.matchAll(/font-weight: (\w+)/g)].map(([, weight]) => weight),
    );
    expect([...new Set(weights)].sort()).toEqual(["400", "500", "600"]);
    expect(existsSync(join(root, "app/fonts/OFL.txt"))).toBe(true);
  });
});
