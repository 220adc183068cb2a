import { generateClient } from "./parts/install.mjs";

await generateClient();
