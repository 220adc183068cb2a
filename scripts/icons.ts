// Makes the sprite of icons again (`npm run icons`).
import { writeFileSync } from "node:fs";
import { iconSprite } from "./icon-sprite";

writeFileSync("components/ui/icons.svg", iconSprite());
