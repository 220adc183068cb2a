import { install } from "./parts/install.mjs";

await install();
