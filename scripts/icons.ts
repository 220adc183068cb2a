// Draws the sprite of icons anew (`npm run icons`).
import { writeFileSync } from "node:fs";
import { iconSprite } from "./icon-sprite";

writeFileSync("components/ui/icons.svg", await iconSprite());
