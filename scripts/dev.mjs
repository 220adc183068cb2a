import { main } from "./parts/main.mjs";

await main({ development: true });
