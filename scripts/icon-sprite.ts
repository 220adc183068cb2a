// The sprite of icons: the shapes of lucide that components/ui/icon-names.ts names, as one SVG file.
import { readFileSync } from "node:fs";
import { iconNames } from "@/components/ui/icon-names";

/** Lucide as Iconify packs it: all shapes in one file, where lucide's own packages have thousands. */
const lucide: {
  readonly icons: Readonly<Record<string, { readonly body: string }>>;
  /** Former names. */
  readonly aliases: Readonly<Record<string, { readonly parent: string }>>;
} = JSON.parse(readFileSync("node_modules/@iconify-json/lucide/icons.json", "utf8"));

/** How all shapes are drawn. The page's style sheet says it. */
const outline =
  / fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round" stroke-width="2"/;

function shapesOf(name: string): string {
  const icon = lucide.icons[lucide.aliases[name]?.parent ?? name];
  if (!icon || !outline.test(icon.body)) throw new Error(`Lucide has no icon ${name} that is an outline.`);
  return icon.body.replace(outline, "").replace(/^<g>(.*)<\/g>$/, "$1");
}

/** The sprite's text. Lines are sorted by name, so that additions of two branches merge. */
export function iconSprite(): string {
  const symbols = [...iconNames].sort().map((name) => {
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapesOf(name)}</symbol>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" aria-hidden="true">`,
    "<!-- lucide.dev, ISC licence. Copyright (c) 2026 Lucide Icons and Contributors. Drawn by npm run icons. -->",
    ...symbols,
    "</svg>",
    "",
  ].join("\n");
}
