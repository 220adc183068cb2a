import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { iconNames } from "@/components/ui/icon-names";
import { iconSprite } from "../../../scripts/icon-sprite";

const root = join(import.meta.dirname, "../../..");

it("the sprite has every icon that pages may show, as lucide draws it now", () => {
  expect(readFileSync(join(root, "components/ui/icons.svg"), "utf8")).toBe(iconSprite());
});

it("every icon of the sprite is shown somewhere", () => {
  const sources = ["app", "components"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && entry.name !== "icon-names.ts")
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")),
  );
  const unused = iconNames.filter((name) => !sources.some((text) => text.includes(`"${name}"`)));
  expect(unused).toEqual([]);
});
