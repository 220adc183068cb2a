// The sprite of icons: the shapes of lucide that components/ui/icon-names.ts names, as one SVG file.
import { readFileSync } from "node:fs";
import { iconNames } from "@/components/ui/icon-names";

type Shape = readonly [tag: string, attributes: Readonly<Record<string, string>>];

const copyright = readFileSync("node_modules/lucide-react/LICENSE", "utf8").match(/Copyright.*/)?.[0];

async function shapesOf(name: string): Promise<readonly Shape[]> {
  const icon: { __iconData: { node: readonly Shape[] } } = await import(`lucide-react/icons/${name}`);
  return icon.__iconData.node;
}

function shapeText([tag, attributes]: Shape): string {
  const written = Object.entries(attributes).filter(([name]) => name !== "key");
  return `<${tag}${written.map(([name, value]) => ` ${name}="${value}"`).join("")}/>`;
}

/** The sprite's text. Lines are sorted by name, so that additions of two branches merge. */
export async function iconSprite(): Promise<string> {
  const symbols = await Promise.all(
    [...iconNames].sort().map(async (name) => {
      const shapes = (await shapesOf(name)).map(shapeText).join("");
      return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
    }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" aria-hidden="true">`,
    `<!-- lucide.dev, ISC licence. ${copyright}. Drawn by npm run icons. -->`,
    ...symbols,
    "</svg>",
    "",
  ].join("\n");
}
