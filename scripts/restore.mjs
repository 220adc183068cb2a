import { runCommand } from "./parts/command.mjs";

await runCommand("restore");
